"""What cron was told of: a lasting failure is told when it begins, when it changes, once a day, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from typing import Literal

from sqlalchemy import insert, select, update

from studio_invoices.errors import Problem
from studio_support.errors import MailboxRefused, MailRefused
from studio_support.store.engine import Store
from studio_support.store.tables import store_facts

News = Literal["new", "known", "ended", "none"]
_LONGEST = 40  # of a key in store_facts


def news_of(store: Store, topic: str, problems: Sequence[Problem], today: date) -> News:
    """Whether these problems are news, and remembers them. today: the studio's day."""
    key = f"told {topic}"
    if len(key) > _LONGEST:
        key = f"told {sha256(topic.encode()).hexdigest()[:32]}"
    told = "\0".join(sorted(f"{problem.source} {problem.message}" for problem in problems))
    digest = sha256(told.encode()).hexdigest()[:16] if problems else "-"
    with store.writing() as connection:
        known = connection.execute(select(store_facts.c.value).where(store_facts.c.key == key)).scalar_one_or_none()
        value = f"{today.isoformat()} {digest}"
        if known is None:
            connection.execute(insert(store_facts).values(key=key, value=value))
        elif known != value:
            connection.execute(update(store_facts).where(store_facts.c.key == key).values(value=value))
    before = (known or "").partition(" ")[2]
    if not problems:
        return "ended" if before not in ("", "-") else "none"
    return "known" if known == value else "new"


@contextmanager
def once_a_day(store: Store, topic: str, today: date) -> Iterator[None]:
    """A server that cannot be used is a lasting failure too: the error says whether it was told today already."""
    try:
        yield
    except (MailRefused, MailboxRefused) as error:
        error.told_today = news_of(store, topic, [Problem("mail", str(error), "")], today) == "known"
        raise
