"""A studio's tickets of the past, made up from a number: the same arguments give the same tickets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from studio_lab import znuny_world
from studio_lab.seed import numbers, texts

AGENTS = ("petrova", "sidorov")
CLOSED = "closed successful"
# State, and how many in a hundred have it.
STATES = ((CLOSED, 70), ("closed unsuccessful", 3), ("open", 15), ("new", 10), ("pending reminder", 2))


@dataclass(frozen=True)
class Size:
    """How many tickets, and from when to when they came; moments are UTC as Znuny writes them."""

    count: int = 1000
    since: str = "2026-08-01 08:00:00"
    until: str = "2026-10-31 18:00:00"
    seed: int = 1

    def key(self) -> str:
        """Twelve hex digits of these arguments and of the code that makes tickets of them."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode())
        for source in (*sorted(Path(__file__).parent.glob("*.py")), Path(texts.__file__), Path(znuny_world.__file__)):
            digest.update(source.read_bytes())
        return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Article:
    """One mail of a ticket; `sender` is Znuny's sender type, customer or agent."""

    sender: str
    at: datetime
    author: str
    recipient: str
    subject: str
    body: str
    message_id: str


@dataclass(frozen=True)
class Ticket:
    """One ticket; `owner` is an agent's login, and the ticket is locked for them if `locked`."""

    number: str
    title: str
    queue: str
    state: str
    owner: str
    locked: bool
    customer: str
    company: str
    articles: tuple[Article, ...]

    @property
    def created_at(self) -> datetime:
        return self.articles[0].at

    @property
    def changed_at(self) -> datetime:
        return self.articles[-1].at


def moment(text: str) -> datetime:
    """A moment without zone, as Znuny's database has them (UTC)."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - Znuny's columns have none either


def build(size: Size) -> Iterator[Ticket]:
    """The tickets, oldest first, evenly spread from `since` to `until`."""
    chance = Random(size.seed)
    hand_out = numbers.Tickets()
    since, until = moment(size.since), moment(size.until)
    states = [state for state, share in STATES for _ in range(share)]
    people = sorted(znuny_world.CUSTOMERS)
    for place in range(size.count):
        at = (since + (until - since) * place / size.count).replace(microsecond=0)
        number = hand_out.take(at.date())
        state, customer = chance.choice(states), chance.choice(people)
        owner = "" if state == "new" else chance.choice(AGENTS)
        title = texts.subject(chance, place + 1)
        yield Ticket(
            number=number,
            title=title,
            queue=chance.choice(znuny_world.QUEUES[:1] * 9 + znuny_world.QUEUES[1:2]),
            state=state,
            owner=owner or znuny_world.ROOT,
            locked=bool(owner) and state == "open" and chance.random() < 0.5,
            customer=customer,
            company=znuny_world.CUSTOMERS[customer][2] or customer,
            articles=tuple(_articles(chance, number, title, customer, at, until, owner)),
        )


def _articles(
    chance: Random, number: str, title: str, customer: str, at: datetime, until: datetime, owner: str
) -> Iterator[Article]:
    first, last, _ = znuny_world.CUSTOMERS[customer]
    author = f"{first} {last} <{customer}>"
    support = f"Studio Support <{znuny_world.ADDRESS}>"
    yield Article("customer", at, author, znuny_world.ADDRESS, title, _body(chance), f"<{number}.1@customer.test>")
    if owner:
        answered = min(at + timedelta(minutes=chance.randint(5, 300)), until)
        tagged = f"[Ticket#{number}] RE: {title}"
        yield Article("agent", answered, support, author, tagged, _body(chance), f"<{number}.2@tickets.studio.test>")


def _body(chance: Random) -> str:
    said = texts.comment(chance) or "Please have a look."
    # PostgreSQL's text has no NUL, and Znuny's mails end with a line break.
    return f"{said}\n"
