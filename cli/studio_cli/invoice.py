"""`invoice` and `numbers`: the life of an issued invoice, and the proof of its series."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.groups import Group
from studio_cli.mail import dispute, paid
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_support.studio import Studio

_number = click.argument("number", metavar="NUMBER")
_FORMATS = {
    "en16931": "EN 16931",
    "xrechnung": "XRechnung 3.0",
    "peppol": "Peppol BIS Billing 3.0",
    "facturx": "Factur-X, profile EN 16931",
}
_CHECKED = {
    "rules": "fields, schema, rules of EN 16931",
    "schema": "fields, schema (the rules of EN 16931 need the extra schematron)",
    "issued": "when it was issued; newer rules refuse it",
    "fields": "fields (the schema needs the extra einvoice)",
}


def _free(studio: Studio, out: Path | None) -> None:
    """Refuses a place among the originals, or among the files behind links."""
    kept = (studio.config.files_folder, studio.config.links_directory)
    if out is not None and any(out.resolve().is_relative_to(folder.resolve()) for folder in kept):
        raise click.UsageError(f"{out} lies where issued documents are kept: name another place with --out.")


@click.group(cls=Group, short_help="The life of an issued invoice.")
def invoice() -> None:
    """The life of an issued invoice: list, look, take the PDF, mail, take back."""


@invoice.command("list")
@click.option("--month", metavar="MONTH", help="Only documents of this month: 2026-10, last or this.")
@click.pass_obj
def list_(context: Context, month: str | None) -> int:
    """All documents with client, amounts, state and letters.

    Exit code 3 where a letter came back, was refused, or is in doubt; each is named.
    """
    from studio_cli.invoice_tables import show_list
    from studio_cli.problems import show_problems

    studio = context.studio()
    target = None if month is None else context.month(month, studio)
    show_list(context, studio.documents.listed(target), target, studio.receivables())
    stuck = studio.stuck_letters(target)
    show_problems(context, stuck)
    return PARTLY if stuck else DONE


@invoice.command()
@_number
@click.pass_obj
def show(context: Context, number: str) -> int:
    """One document with its lines, taxes, files, link and letters."""
    from studio_cli.invoice_tables import show_document

    show_document(context, context.studio().documents.shown(number))
    return DONE


@invoice.command()
@click.argument("number", metavar="[NUMBER]", required=False)
@click.option("--month", metavar="MONTH", help="All documents of this month, under readable names.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="File, or folder with --month.")
@click.option("--act", is_flag=True, help="The act beside the invoice, for a client who gets acts.")
@click.option("--timesheet", is_flag=True, help="The time sheet beside it, for a client who gets time sheets.")
@click.option("--copy", is_flag=True, help="As it stands now: across what was cancelled is written so.")
@click.pass_obj
def pdf(
    context: Context, number: str | None, month: str | None, out: Path | None, act: bool, timesheet: bool, copy: bool
) -> int:
    """The original PDF, into --out or a pipe.

    Give a NUMBER, or --month with --out DIR for all documents of a month, acts and time sheets included. An original
    stays as it was issued, cancelled or not: --copy gives one that says it was, and has no code to pay it by.
    """
    if act and timesheet:
        raise click.UsageError("Give either --act or --timesheet.")
    if (number is None) == (month is None):
        raise click.UsageError("Give either a NUMBER, or --month MONTH with --out DIR.")
    studio = context.studio()
    _free(studio, out)
    if month is not None:
        if out is None:
            raise click.UsageError("--month needs --out DIR.")
        exported = studio.documents.export(context.month(month, studio), out, copies=copy)
        written, cancelled = exported.written, exported.cancelled
        context.say(f"{counted(len(written), 'PDF')} in {out}.")
        if cancelled:
            how = "marked so" if copy else "as they were issued; --copy marks them"
            context.say(f"Cancelled among them, {how}: {', '.join(cancelled)}.")
        return DONE
    assert number is not None
    if out is None and sys.stdout.isatty():
        raise click.UsageError("A PDF on a terminal helps nobody: name a file with --out, or redirect.")
    data = studio.documents.one(number, "timesheet" if timesheet else "act" if act else "invoice", copy=copy)
    if out is None:
        from studio_cli.streams import write_bytes

        write_bytes(data)
        return DONE
    from studio_support.delivery.files import atomic_write

    atomic_write(out, data, 0o644)
    context.say(f"{out} written.")
    return DONE


@invoice.command()
@_number
@click.pass_obj
def timesheet(context: Context, number: str) -> int:
    """The time sheet beside an invoice: every booking on it.

    Bookings stand as they were when the month was closed. With --format csv the file as it lies behind the link.
    The PDF: `invoice pdf NUMBER --timesheet`.
    """
    documents = context.studio().documents
    if context.form == "csv":
        from studio_cli.streams import write_bytes

        write_bytes(documents.time_sheet_file(number, csv=True))
        return DONE
    from studio_cli.invoice_tables import show_time_sheet

    show_time_sheet(context, documents.time_sheet(number))
    return DONE


@invoice.command()
@_number
@click.option("--syntax", type=click.Choice(["cii", "ubl"]), help="Default: what the client's format usually has.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it (default: stdout).")
@click.pass_obj
def xml(context: Context, number: str, syntax: Literal["cii", "ubl"] | None, out: Path | None) -> int:
    """The e-invoice as XML (EN 16931), as the client wants it.

    Nothing is written where it lacks something: each problem is named, exit code 3. What was checked is said on
    stderr: schemas need the extra `einvoice`, the rules of EN 16931 `schematron`.
    """
    from studio_cli.problems import show_problems

    studio = context.studio()
    _free(studio, out)
    made = studio.documents.xml(number, syntax)
    if made.problems:
        show_problems(context, made.problems)
        context.say("What is issued stays as it is: mend it, then cancel the invoice and close its month again.")
        return PARTLY
    context.say(f"{_FORMATS[made.profile]}, {made.syntax.upper()}; checked: {_CHECKED[made.checked]}.")
    if out is None:
        from studio_cli.streams import write_bytes

        write_bytes(made.xml)
        return DONE
    from studio_support.delivery.files import atomic_write

    atomic_write(out, made.xml, 0o644)
    context.say(f"{out} written.")
    return DONE


@invoice.command()
@_number
@click.option("--again", is_flag=True, help="Also what is uncertain or was refused, under the same Message-ID.")
@click.pass_obj
def send(context: Context, number: str, again: bool) -> int:
    """Mail the link of one document.

    Without --again only what still waits is sent.
    """
    from studio_cli.bill_reports import show_sent

    sent = context.studio(writes=True).send_invoice(number, again=again)
    show_sent(context, sent)
    return PARTLY if sent.problems else DONE


invoice.add_command(paid)
invoice.add_command(dispute)


@invoice.command()
@_number
@click.option("--reason", required=True, metavar="TEXT", help="Printed on the cancellation.")
@click.option("--date", "day", metavar="DAY", help="Issue date of the cancellation (default: today in the studio).")
@click.pass_obj
def cancel(context: Context, number: str, reason: str, day: str | None) -> int:
    """Take an invoice back whole and open its month again.

    A cancellation with a number of its own is issued. The invoice's minutes are free, its link is taken down, and
    letters that have not left are withdrawn.
    """
    from studio_cli.bill import parse_day
    from studio_cli.invoice_tables import show_cancelled

    if not reason.strip():
        raise click.BadParameter("Say why: the client reads it.", param_hint="--reason")
    show_cancelled(context, context.studio(writes=True).cancel(number, reason.strip(), issue_date=parse_day(day)))
    return DONE


@invoice.command()
@_number
@click.option("--renew", is_flag=True, help="A new address; the one before opens nothing any more.")
@click.option("--expires", metavar="DAY", help="The last day on which the link opens, such as 2027-03-31.")
@click.option("--for", "recipient", metavar="ADDRESS", default="", help="A link of this recipient's own.")
@click.pass_obj
def link(context: Context, number: str, renew: bool, expires: str | None, recipient: str) -> int:
    """Show the link to a document, or give a new one.

    With --expires alone the same address opens until that day, an expired one too. A link --for somebody is made when
    it is first asked for, and can be taken back by itself.
    """
    from studio_cli.bill import parse_day
    from studio_cli.link_tables import show_link

    if not (renew or expires or recipient):
        shown = context.studio().links.show(number)
        show_link(context, shown)
        return PARTLY if shown.problems else DONE
    day = parse_day(expires, "--expires")
    given = context.studio(writes=True).links.give(number, recipient=recipient, renew=renew, expires_on=day)
    show_link(context, given)
    return PARTLY if given.problems else DONE


@invoice.command()
@_number
@click.option("--for", "recipient", metavar="ADDRESS", default="", help="Only the link of this recipient's own.")
@click.pass_obj
def revoke(context: Context, number: str, recipient: str) -> int:
    """Take the links to a document back.

    Nothing is left behind them; the original stays. Mail that has not left is kept until there is a new link.
    """
    from studio_cli.link_tables import show_revoked

    show_revoked(context, context.studio(writes=True).links.revoke(number, recipient=recipient))
    return DONE


@click.group(cls=Group, short_help="Proof of the series of invoice numbers.")
def numbers() -> None:
    """Proof of the series of invoice numbers."""


@numbers.command()
@click.pass_obj
def audit(context: Context) -> int:
    """Prove each series: no gap, no double, dates in order."""
    from studio_cli.invoice_tables import show_series

    proof = context.studio().documents.numbers()
    show_series(context, proof)
    return PARTLY if proof.problems else DONE
