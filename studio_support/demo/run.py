"""The whole month end on bundled data, in a folder of its own: no server, no environment variable, no real clock.

The verbs are those of every studio. September 2026 is closed on 1 October, so that October has something to be
compared with and late time can be seen; then October is previewed, closed and certified on 2 November. The numbers
are the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_support.billing.ledger_view import MARK_OVERLAP
from studio_support.delivery.files import disk, make_folder
from studio_support.demo.bundle import bundled_reading, is_former_demo, write_studio
from studio_support.period import Month
from studio_support.reads import write_reading
from studio_support.results import CloseResult, Source
from studio_support.studio import Studio

if TYPE_CHECKING:
    from studio_support.billing.month_plan import MonthPlan
    from studio_support.billing.reconcile import Certificate
    from studio_support.publishing import SeriesProof

EARLIER, MONTH = Month(2026, 9), Month(2026, 10)
EARLIER_CLOSED_AT = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)
CLOSED_AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
READINGS = "redmine"
DRAFTS = "drafts"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo did. former: the folder held a demo already, so that this run found everything done.

    earlier: the month before as it was closed, None where October was closed before. plan: October before it was
    closed. index: the drafts to look at, None where nothing was left to draft.
    """

    folder: Path
    settings: Path
    former: bool
    earlier: CloseResult | None
    plan: MonthPlan
    closed: CloseResult
    certificate: Certificate
    numbers: SeriesProof
    index: Path | None

    def reading(self, month: Month) -> Path:
        """The kept read of a month, for `--from`."""
        return self.folder / READINGS / f"{month}.jsonl.gz"

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `demo`: that of each command it stands for."""
        return {
            "folder": str(self.folder),
            "settings": str(self.settings),
            "former": self.former,
            "reading": str(self.reading(MONTH)),
            "drafts": None if self.index is None else str(self.index),
            "earlier": None if self.earlier is None else self.earlier.as_dict(),
            "preview": self.plan.as_dict(),
            "close": self.closed.as_dict(),
            "reconcile": self.certificate.as_dict(),
            "numbers": self.numbers.as_dict(),
        }


def run_demo(folder: Path, *, person: str = "demo", progress: Progress | None = None) -> DemoResult:
    """Does the month end in a folder that is empty or not there yet; a former demo is done again without harm.

    Raises Refused (the folder holds something else), FilesystemError, LockHeld.
    """
    folder = folder.absolute()
    former = is_former_demo(folder)
    make_folder(folder, 0o755)
    settings = write_studio(folder)
    before = _kept(folder, EARLIER, EARLIER_CLOSED_AT, None)
    here = _kept(folder, MONTH, CLOSED_AT, EARLIER_CLOSED_AT - MARK_OVERLAP)

    def studio(now: datetime) -> Studio:
        # No environment: the demo depends on nothing but its folder.
        return Studio.from_file(settings, clock=lambda: now, person=person, progress=progress, environ={})

    now = studio(CLOSED_AT)
    earlier = None
    if not now.documents.listed(MONTH):
        # Once October has numbers, none of an earlier day can follow: what a person undid in September stays undone.
        then = studio(EARLIER_CLOSED_AT)
        earlier = then.close_month(EARLIER, source=before)
        then.store.close()
    plan = now.plan_month(MONTH, source=here)
    result = DemoResult(
        folder=folder,
        settings=settings,
        former=former,
        earlier=earlier,
        plan=plan,
        index=now.write_drafts(plan, folder / DRAFTS) if plan.drafts else None,
        closed=now.close_month(MONTH, source=here, plan_hash=plan.plan),
        certificate=now.reconcile(MONTH, source=here),
        numbers=now.documents.numbers(),
    )
    now.store.close()
    return result


def _kept(folder: Path, month: Month, started_at: datetime, late_since: datetime | None) -> Source:
    """The bundled bookings of a month as a file that `--from` takes."""
    target = folder / READINGS / f"{month}.jsonl.gz"
    if not target.exists():
        written, _ = write_reading(bundled_reading(month, started_at, late_since), folder / READINGS)
        with disk(target):
            (folder / READINGS / written).replace(target)
            (folder / READINGS / written).parent.rmdir()
    return Source(file=target)
