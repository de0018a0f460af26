"""What `init` asks at a terminal: each answer is checked at once, and asked again until it can be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from studio_support.config.init_files import InitAnswers

_GENERAL = {
    "seller_name": "Legal name of the studio",
    "seller_address": "Postal address, lines separated by semicolons",
    "seller_email": "E-mail of the bookkeeping",
}
_NUMBERS = {
    "RU": {
        "inn": "ИНН",
        "kpp": "КПП",
        "bank_name": "Bank",
        "bic": "БИК",
        "account": "Account",
        "correspondent_account": "Correspondent account",
    },
    "": {"vat_id": "VAT number", "bank_name": "Bank", "iban": "IBAN", "bic": "BIC"},
}
_REST = {
    "timezone": "Time zone",
    "language": "Language of invoices (ru, en, de)",
    "currency": "Currency",
    "redmine_url": "Address of Redmine",
    "base_url": "Address that links begin with",
    "sender": "Letters come from",
    "first_month": "First month to be billed (empty: the first that is closed)",
}
# An account without a bank's name is no account: they are checked together, when all is written.
_TOGETHER = frozenset({"bank_name", "bic", "account", "iban", "correspondent_account"})


def ask(given: dict[str, Any]) -> dict[str, Any]:
    """The given answers, and those of the person at the terminal to what was not given."""
    from studio_support.config.init_files import InitAnswers

    answers = dict(given)
    if "country" not in answers:
        answers["country"] = _prompt("country", "Country (ISO 3166)", InitAnswers())
    country = str(answers["country"])
    defaults = InitAnswers.for_country(country)
    for key, question in {**_GENERAL, **_NUMBERS.get(country, _NUMBERS[""]), **_REST}.items():
        if key not in answers:
            answers[key] = _prompt(key, question, replace(defaults, **answers))
    return answers


def _prompt(key: str, question: str, so_far: InitAnswers) -> Any:
    default = getattr(so_far, key)

    def usable(text: str) -> Any:
        value: Any = text
        if isinstance(default, tuple):
            value = tuple(part.strip() for part in text.split(";") if part.strip())
        wrong = None if key in _TOGETHER else _fault(replace(so_far, **{key: value}))
        if wrong is not None:
            raise click.UsageError(wrong)
        return value

    shown = "; ".join(default) if isinstance(default, tuple) else default
    return click.prompt(question, default=shown, show_default=bool(shown), value_proc=usable, err=True)


def _fault(answers: InitAnswers) -> str | None:
    from studio_support.config.init_files import settings_text
    from studio_support.config.settings import check_settings
    from studio_support.errors import ConfigError

    try:
        check_settings(Path("studio-support.toml"), settings_text(answers))
    except ConfigError as error:
        return f"{error.wrong}. {error.right}"
    return None
