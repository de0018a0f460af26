"""`init`, `doctor` and `demo`: from nothing to a studio that works."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path(), help="Where to write (default: here)."
)
@click.option("--seller-name", metavar="TEXT", help="Legal name of the studio.")
@click.option("--seller-address", multiple=True, metavar="LINE", help="Postal address, a line each (repeatable).")
@click.option("--seller-email", metavar="ADDRESS", help="E-mail of the bookkeeping.")
@click.option("--country", metavar="CODE", help="ISO 3166, such as RU or DE.")
@click.option("--inn", metavar="NUMBER", help="ИНН of a Russian seller.")
@click.option("--kpp", metavar="NUMBER", help="КПП of a Russian company.")
@click.option("--vat-id", metavar="NUMBER", help="With its country, such as DE123456789.")
@click.option("--tax-number", metavar="NUMBER", help="Where there is no VAT number.")
@click.option("--bank-name", metavar="TEXT")
@click.option("--bic", metavar="CODE")
@click.option("--account", metavar="NUMBER", help="Where there is no IBAN.")
@click.option("--correspondent-account", metavar="NUMBER")
@click.option("--iban", metavar="IBAN")
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Moscow.")
@click.option("--language", metavar="CODE", help="Of invoices: ru, en, de.")
@click.option("--currency", metavar="CODE", help="ISO 4217, such as RUB or EUR.")
@click.option("--opens", metavar="TIME", help="Office hours, such as 09:00.")
@click.option("--closes", metavar="TIME")
@click.option("--cutoff", metavar="TIME", help="Requests up to it count as today's.")
@click.option("--redmine-url", metavar="URL")
@click.option("--ticket-field", metavar="NAME", help="Custom field of issues that holds the ticket number.")
@click.option("--otrs-url", metavar="URL", help="OTRS or Znuny, if there is one.")
@click.option("--store-url", metavar="URL", help="sqlite:///FILE or postgresql+psycopg://…")
@click.option("--smtp-url", metavar="URL")
@click.option("--sender", metavar="ADDRESS", help="What letters come from.")
@click.option("--base-url", metavar="URL", help="What links begin with.")
@click.option("--tax-category", metavar="CODE", help="EN 16931: S, AE, E, O, Z, G, K.")
@click.option("--tax-rate", metavar="PERCENT", help="Where the country's standard rate is not meant or not known.")
@click.option("--tax-reason", metavar="TEXT", help="Why no tax is charged, where a reason is due.")
@click.option("--prices", metavar="net|gross", help="Whether rates contain the tax.")
@click.option("--first-month", metavar="MONTH", help="Nothing before it is ever billed.")
@click.option(
    "--web-service",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Only write the REST web service that OTRS or Znuny has to import.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; what was not given keeps its example.")
@click.pass_obj
def init(context: Context, /, folder: Path, yes: bool, web_service: Path | None, **given: Any) -> int:
    """Write a commented configuration and a sample client."""
    from studio_cli.init_questions import ask
    from studio_support.config.init_files import InitAnswers, refuse_existing, write_init, write_web_service
    from studio_support.errors import ConfigError

    if web_service is not None:
        context.say(f"{write_web_service(web_service)} written.")
        context.say("Next: in OTRS, Admin, Web Services, Add Web Service, Import; then run `doctor`.")
        return DONE
    refuse_existing(folder)
    answers = {key: value for key, value in given.items() if value not in (None, ())}
    if not yes and context.at_terminal:
        answers = ask(answers)
    defaults = InitAnswers.for_country(answers.get("country", InitAnswers().country))
    try:
        written = write_init(folder, replace(defaults, **answers))
    except ConfigError as error:
        # What cannot be used came from the command line; nothing was written.
        raise click.UsageError(f"{error.key} {error.wrong}. {error.right}") from None
    for path in written:
        context.say(f"{path} written.")
    context.say("Next: fill in what is marked, export REDMINE_API_KEY and STUDIO_SUPPORT_LINK_SECRET, run `doctor`.")
    return DONE


@click.command()
@click.option("--mail-to", metavar="ADDRESS", help="Send a test letter there; without it no letter leaves.")
@click.pass_obj
def doctor(context: Context, mail_to: str | None) -> int:
    """Check servers, permissions, files, mail and links; say what to do."""
    from studio_cli.doctor_text import show_checks
    from studio_support.doctor import examine

    checks = examine(context.studio(), mail_to)
    show_checks(context, checks)
    return PARTLY if any(check.result == "failed" for check in checks) else DONE


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"), metavar="[DIR]")
@click.pass_obj
def demo(context: Context, folder: Path) -> int:
    """The whole month end on bundled data, in an empty folder.

    Nothing else is needed: no server, no configuration.
    """
    from studio_cli.demo_text import show_demo
    from studio_cli.progress import reporter
    from studio_support.demo.run import run_demo

    show_demo(context, run_demo(folder, person=context.user, progress=reporter(context)))
    return DONE
