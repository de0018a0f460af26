"""What the commands about tickets print, the story apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Table, emit, visible
from studio_cli.problems import show_problems
from studio_cli.streams import write

if TYPE_CHECKING:
    from studio_support.desk.results import Acted, Hit, Lock

STEPS = (
    Column("action"),
    Column("about", wide=True),
    Column("ending"),
    Column("detail", wide=True),
)
HITS = (
    Column("ticket", whole=True),
    Column("created_at", "Created"),
    Column("customer"),
    Column("title", wide=True),
    Column("state"),
    Column("queue", minor=True),
    Column("owner"),
    Column("issues"),
)


def show_acted(context: Context, acted: Acted) -> None:
    """What was done, the letters of a dry run in full, what is on hold and what is left over."""
    data = acted.as_dict()
    rows: list[list[Cell]] = [
        [one["action"].replace("_", " "), one["about"], one["ending"] or "planned", one["detail"]]
        for one in data["actions"]
    ]
    title = " ".join(word for word in (acted.number, visible(acted.title)) if word)
    if context.form != "table":
        columns = (Column("ticket"), *STEPS)
        emit(context, data, [Table(columns, [[acted.number, *row] for row in rows])])
    else:
        for sentence in acted.said:
            write(f"{sentence}\n")
        emit(context, data, [Table(STEPS, rows, title=title)])
        _letters(data["actions"] if acted.dry_run else [])
        if not (rows or acted.said or acted.problems or acted.held):
            context.say(f"{title}: nothing was left to do.")
    show_problems(context, acted.problems)
    for intent in acted.held:
        what = intent.key.kind.replace("_", " ")
        context.say(f"{what.capitalize()}: handed over at {intent.at:%H:%M:%S} UTC; its fate is not known yet.")
    if acted.held:
        context.say("It is left alone for hold_seconds, then looked up: run this again, or leave it to `sync run`.")
    if acted.dry_run and context.form == "table":
        context.say("Nothing was written (--dry-run).")
    elif acted.created and context.form == "table":
        context.say(f"Ticket {acted.number} was made.")


def _letters(actions: Sequence[dict[str, object]]) -> None:
    for one in actions:
        letter = one.get("letter")
        if isinstance(letter, dict):
            write(f"\n--- {str(one['action']).replace('_', ' ')}: letter to {visible(letter['to'])}\n")
            write(f"Subject: {visible(letter['subject'])}\n\n")
            write("\n".join(visible(line) for line in letter["text"].splitlines()) + "\n")


def show_lock(context: Context, lock: Lock) -> None:
    """Who holds the ticket now."""
    data = lock.as_dict()
    if context.form != "table":
        columns = [Column(key) for key in data]
        emit(context, data, [Table(columns, [[str(value) if value is not None else None for value in data.values()]])])
        return
    would = "would be " if lock.dry_run else ""
    name = f"{lock.number} {visible(lock.title)}"
    if lock.locked:
        taken = f", taken from {lock.before}" if lock.before and lock.changed else ""
        text = f"{would}locked by {lock.owner}{taken}" if lock.changed else f"locked by {lock.owner} already"
    else:
        text = f"{would}free (it was locked by {lock.before})" if lock.changed else "free already"
    write(f"{name}: {text}.\n")


def show_hits(context: Context, hits: Sequence[Hit], words: str, limit: int) -> None:
    """Tickets that were found."""
    data = [one.as_dict() for one in hits]
    rows: list[list[Cell]] = [
        [
            one.number,
            f"{one.created_at:%Y-%m-%d}",
            one.customer,
            one.title,
            one.state,
            one.queue,
            one.owner,
            ", ".join(f"#{issue}" for issue in one.issues),
        ]
        for one in hits
    ]
    emit(context, data, [Table(HITS, rows)])
    if context.form == "table" and not hits:
        every = "all of " if len(words.split()) > 1 else ""
        context.say(
            f'Nothing with {every}"{visible(words)}" is found. '
            "OTRS's index has neither very short nor very common words: leave those out."
        )
    if len(hits) == limit:
        context.say(f"There may be more: --limit {limit * 2} shows more.")
