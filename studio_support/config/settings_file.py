"""studio-support.toml as one model, and the checks that span its sections."""

from __future__ import annotations

from pydantic import Field

from studio_support.billing.numbers import collisions
from studio_support.config import fields as f
from studio_support.config.agreements import BillingSection, RateRows
from studio_support.config.freeze import seller_of
from studio_support.config.reading import Fault, locate
from studio_support.config.sections import (
    LinksSection,
    MailSection,
    OtrsSection,
    RedmineSection,
    SellerTable,
    StoreSection,
    StudioSection,
    SyncSection,
)


class SettingsFile(f.FileModel):
    """The whole file; every section may be absent."""

    studio: StudioSection | None = None
    seller: SellerTable | None = None
    sellers: dict[f.ClientId, SellerTable] = Field(default_factory=dict)
    redmine: RedmineSection | None = None
    otrs: OtrsSection | None = None
    sync: SyncSection | None = None
    store: StoreSection | None = None
    mail: MailSection | None = None
    links: LinksSection | None = None
    billing: BillingSection | None = None
    price_lists: dict[str, RateRows] = Field(default_factory=dict)

    def seller_tables(self) -> dict[str, SellerTable]:
        """Every seller by key; "" is [seller]."""
        return {**({"": self.seller} if self.seller else {}), **self.sellers}


def faults_across(content: SettingsFile, text: str) -> list[Fault]:
    """Faults that no section shows alone: colliding numbers, a hold shorter than time-outs demand."""
    billing = content.billing or BillingSection()
    sellers = [seller_of(key, table, billing) for key, table in content.seller_tables().items()]
    faults = []
    for problem in collisions(sellers):
        key = problem.source.removeprefix("seller:")
        at = ("sellers", key, "number_format") if key else ("billing", "number_format")
        named = f"sellers.{key}" if key else "seller"
        faults.append(Fault(f"{named}.number_format", problem.message.rstrip("."), problem.next_step, locate(text, at)))
    hold = hold_too_short(content.sync, content, text) if content.sync else None
    return faults if hold is None else [*faults, hold]


def hold_too_short(sync: SyncSection, content: SettingsFile, text: str = "") -> Fault | None:
    """A server was seen to go on with a request after its client gave up, so a hold lasts two time-outs."""
    timeouts = [section.timeout_seconds for section in (content.redmine, content.otrs) if section]
    least = 2 * max(timeouts, default=0)
    if sync.hold_seconds >= least:
        return None
    return Fault(
        "sync.hold_seconds",
        f"is {sync.hold_seconds}, less than twice the larger timeout_seconds",
        f"Write hold_seconds = {least} or more.",
        locate(text, ("sync", "hold_seconds")),
    )
