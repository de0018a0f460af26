"""What the commands of links print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_cli.context import Context
from studio_cli.output import Column, Table, emit
from studio_cli.problems import show_problems
from studio_cli.streams import write
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_support.delivery.publish import SweptLinks
    from studio_support.linking import LinkShown, LinksRevoked, LinksRotated

LINK = (Column("number"), Column("for"), Column("link", whole=True), Column("expires_on"))


def show_link(context: Context, shown: LinkShown) -> None:
    """The bare link on stdout, so that it can be piped; until when it opens on stderr."""
    if context.form == "table":
        write(f"{shown.link}\n")
        if shown.expired:
            context.say(
                f"Expired since {shown.expires_on}: --expires DAY opens it again, --renew gives another address."
            )
        else:
            context.say(f"Opens until {shown.expires_on}.")
    else:
        data = shown.as_dict()
        emit(context, data, [Table(LINK, [[data[column.key] for column in LINK]])])
    show_problems(context, shown.problems)


def show_revoked(context: Context, done: LinksRevoked) -> None:
    """How many links are dead now."""
    data = done.as_dict()
    columns = [Column("number"), Column("for"), Column("links", kind="count"), Column("folders", kind="count")]
    if context.form != "table":
        emit(context, data, [Table(columns, [[data[column.key] for column in columns]])])
    elif not done.links:
        context.say(f"Nothing to do: no link to {done.number} opened.")
    else:
        whom = f" for {done.recipient}" if done.recipient else ""
        option = f" --for {done.recipient}" if done.recipient else ""
        context.say(
            f"{counted(done.links, 'link')} to {done.number}{whom} taken back. For a new one: "
            f"invoice link {done.number}{option} --renew"
        )


def show_swept(context: Context, swept: SweptLinks) -> None:
    """What came down; nothing is said when there was nothing to do, as cron likes it."""
    if context.form != "table":
        columns = [Column("removed", kind="count"), Column("expired", kind="count")]
        data = {"removed": swept.removed, "expired": swept.expired}
        emit(context, data, [Table(columns, [[swept.removed, swept.expired]])])
    elif swept.removed or swept.expired:
        context.say(f"{counted(swept.expired, 'link')} expired, {counted(swept.removed, 'link')} taken down.")


def show_rotated(context: Context, done: LinksRotated, variable: str) -> None:
    """What a person has to do now."""
    if context.form != "table":
        columns = [Column("links", kind="count"), Column("secret_file")]
        emit(context, done.as_dict(), [Table(columns, [[done.links, done.kept_in]])])
    else:
        context.say(f"{counted(done.links, 'link')} changed; those given out before work until they expire.")
        if done.kept_in:
            context.say(f"The new secret is in {done.kept_in}.")
        else:
            context.say(f"From now on set {variable} to the new secret, wherever studio-support runs.")
    show_problems(context, done.problems)
