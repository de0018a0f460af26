"""`init`, `doctor` and `demo`: from nothing to a studio that works."""

from __future__ import annotations

from pathlib import Path

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path(), help="Where to write.")
@click.option("--seller-name", metavar="TEXT", help="Legal name of the studio.")
@click.option("--seller-address", multiple=True, metavar="LINE", help="Postal address, a line each (repeatable).")
@click.option("--seller-email", metavar="ADDRESS")
@click.option("--country", metavar="CODE", help="ISO 3166, such as RU or DE.")
@click.option("--inn", metavar="NUMBER")
@click.option("--kpp", metavar="NUMBER")
@click.option("--vat-id", metavar="NUMBER")
@click.option("--tax-number", metavar="NUMBER")
@click.option("--bank-name", metavar="TEXT")
@click.option("--bic", metavar="CODE")
@click.option("--account", metavar="NUMBER")
@click.option("--correspondent-account", metavar="NUMBER")
@click.option("--iban", metavar="IBAN")
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Moscow.")
@click.option("--language", metavar="CODE", help="Of invoices: ru, en, de.")
@click.option("--currency", metavar="CODE", help="ISO 4217, such as RUB or EUR.")
@click.option("--redmine-url", metavar="URL")
@click.option("--ticket-field", metavar="NAME", help="Custom field of issues that holds the ticket number.")
@click.option("--smtp-url", metavar="URL")
@click.option("--sender", metavar="ADDRESS", help="What letters come from.")
@click.option("--base-url", metavar="URL", help="What links begin with.")
@click.option("--tax-rate", metavar="PERCENT", help="Standard rate, where the country's is not known.")
@click.option("--first-month", metavar="MONTH", help="Nothing before it is ever billed.")
@click.option("--yes", is_flag=True, help="Ask nothing; what was not given keeps its example.")
@click.pass_obj
def init(context: Context, /, folder: Path, yes: bool, **given: object) -> int:
    """Write a commented configuration and a sample client."""
    from dataclasses import fields, replace

    from studio_support.config.init_files import InitAnswers, write_init

    names = {field.name for field in fields(InitAnswers)}
    answers = {key: value for key, value in given.items() if value not in (None, ()) and key in names}
    if not yes and context.at_terminal:
        answers |= _ask(answers)
    defaults = InitAnswers.for_country(str(answers.get("country", InitAnswers().country)))
    written = write_init(folder, replace(defaults, **answers))  # type: ignore[arg-type] # options carry the fields' own names and are text
    for path in written:
        context.say(f"{path} written.")
    context.say("Next: fill in what is marked, export REDMINE_API_KEY and STUDIO_SUPPORT_LINK_SECRET, run `doctor`.")
    return DONE


_QUESTIONS = {
    "seller_name": "Legal name of the studio",
    "timezone": "Time zone",
    "language": "Language of invoices (ru, en, de)",
    "currency": "Currency",
    "seller_email": "E-mail of the bookkeeping",
    "redmine_url": "Address of Redmine",
    "base_url": "Address that links begin with",
    "sender": "Letters come from",
}


def _ask(answers: dict[str, object]) -> dict[str, object]:
    from studio_support.config.init_files import InitAnswers

    country = answers.get("country") or click.prompt("Country (ISO 3166)", default=InitAnswers().country, err=True)
    defaults = InitAnswers.for_country(str(country))
    asked = {
        key: click.prompt(question, default=getattr(defaults, key), err=True)
        for key, question in _QUESTIONS.items()
        if key not in answers
    }
    return {"country": country, **asked}


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
    """The whole month end on bundled data, in an empty folder; nothing else is needed."""
    from studio_cli.demo_text import show_demo
    from studio_cli.progress import reporter
    from studio_support.demo.run import run_demo

    show_demo(context, run_demo(folder, person=context.user, progress=reporter(context)))
    return DONE
