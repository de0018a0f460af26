"""All clients' files together: sound clients, and problems that park one client while the others go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from studio_invoices.errors import Problem
from studio_invoices.model import Party
from studio_support.billing.terms import Client
from studio_support.config.agreements import BillingSection
from studio_support.config.client_file import model_of
from studio_support.config.freeze import client_of
from studio_support.config.reading import BadFile, Fault, check_table, read_table
from studio_support.config.sections import SellerTable
from studio_support.config.settings import Settings
from studio_support.config.words import nearest
from studio_support.errors import ConfigError, UnknownClient


@dataclass(frozen=True, slots=True)
class ClientBook:
    """Every client by id, and what is wrong with the files.

    A client whose file has faults stays in `clients`, marked broken and holding its projects, so that its time
    is not taken for that of the client who has the project above; a problem that names it parks it.
    """

    clients: Mapping[str, Client] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def parked(self) -> frozenset[str]:
        """Ids of the clients that have a problem."""
        return frozenset(problem.client for problem in self.problems if problem.client is not None)

    @property
    def taken(self) -> frozenset[str]:
        """Ids and names of files that a new client cannot have."""
        return frozenset(self.clients) | {Path(client.file).stem for client in self.clients.values()}

    def get(self, client_id: str) -> Client:
        """The client of this id; raises UnknownClient with the nearest ones."""
        if client_id in self.clients:
            return self.clients[client_id]
        meant = nearest(client_id, self.clients)
        raise UnknownClient(client_id, [meant] if meant else sorted(self.clients)[:5])


def load_clients(folder: Path, settings: Settings) -> ClientBook:
    """Reads all *.toml files of the folder, in order of their names; an absent folder has no clients.

    Raises ConfigError where the folder cannot be read, or [billing] is absent.
    """
    files = _files(folder)
    billing = settings.billing
    price_lists = settings.price_lists()
    sellers = dict(settings.content.sellers)
    if settings.content.seller is not None:
        sellers[""] = settings.content.seller
    clients: list[Client] = []
    problems: list[Problem] = []
    notices: list[Problem] = []
    for path in files:
        name = f"{folder.name}/{path.name}"
        try:
            table, text = read_table(path)
            model = check_table(model_of(table), table, text)
        except BadFile as bad:
            clients.append(_placeholder(bad, path.stem, name, billing))
            problems.extend(_problem(name, clients[-1].id, found) for found in bad.faults)
            continue
        client = client_of(model, name, billing, price_lists)
        faults = [] if client.draft else _unknown_names(client, model.price_list, price_lists, sellers)
        problems.extend(_problem(name, client.id, found) for found in faults)
        clients.append(replace(client, broken=True) if faults else client)
        if client.id != path.stem:
            notices.append(_other_name(client, name))
    by_id, doubled = _unique(clients)
    shared, shared_notices = _shared_projects(by_id)
    return ClientBook(by_id, (*problems, *doubled, *shared), (*notices, *shared_notices))


def _files(folder: Path) -> list[Path]:
    try:
        found = list(folder.iterdir())  # a glob would take a folder that cannot be read for an empty one
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(
            folder, "", f"cannot be read ({error.strerror})", "Check that it is a folder that you may read."
        ) from None
    return sorted(path for path in found if path.suffix == ".toml" and not path.name.startswith("."))


def _problem(name: str, client: str, fault: Fault) -> Problem:
    place = ", ".join(word for word in (fault.key, f"line {fault.line}" if fault.line else "") if word)
    message = f"{name}{f' ({place})' if place else ''} {fault.wrong}."
    return Problem(f"file:{name}", message, fault.right, client)


def _placeholder(bad: BadFile, stem: str, name: str, billing: BillingSection) -> Client:
    """What is known of a client whose file has faults: its id and its projects."""
    found = bad.table.get("redmine_projects")
    if not bad.table:
        match = re.search(r"^\s*redmine_projects\s*=\s*\[(.*?)\]", bad.text, re.DOTALL | re.MULTILINE)
        found = (
            [double or single for double, single in re.findall(r'"([^"\n]*)"|\'([^\'\n]*)\'', match[1])]
            if match
            else []
        )
    projects = tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()
    written = bad.table.get("id")
    client_id = written if isinstance(written, str) and written else stem
    name_there = bad.table.get("name")
    return Client(
        id=client_id,
        party=Party(name=name_there if isinstance(name_there, str) else client_id),
        language="",
        currency="",
        redmine_projects=projects,
        payment_days=billing.payment_days,
        broken=True,
        file=name,
    )


def _unknown_names(
    client: Client, price_list: str, price_lists: Mapping[str, object], sellers: Mapping[str, SellerTable]
) -> list[Fault]:
    faults = []
    if price_list and price_list not in price_lists:
        faults.append(_unknown("price_list", price_list, price_lists, "price list", "[[price_lists.NAME]]"))
    named = sorted(seller for seller in sellers if seller)
    if client.seller and client.seller not in named:
        faults.append(_unknown("seller", client.seller, named, "seller", "[sellers.NAME]"))
    if not client.seller and "" not in sellers:
        right = f"Write seller = one of {', '.join(named)}." if named else "Add [seller] to studio-support.toml."
        faults.append(Fault("seller", "names no seller, and there is no [seller] for all", right))
    return [*faults, *_nowhere_to_pay(client, sellers.get(client.seller))]


def _nowhere_to_pay(client: Client, seller: SellerTable | None) -> list[Fault]:
    """A currency for which the seller has no account, though he has accounts in others; none at all is his choice."""
    if seller is None:
        return []
    held = [bank.currency for bank in ([seller.bank] if seller.bank else seller.banks)]
    if not held or client.currency in held or None in held:
        return []
    table = f"sellers.{client.seller}" if client.seller else "seller"
    only = ", ".join(sorted(currency for currency in held if currency))
    return [
        Fault(
            "currency",
            f"is {client.currency}, for which [{table}] has no bank account (only {only})",
            f'Add to studio-support.toml a row [[{table}.banks]] with currency = "{client.currency}".',
        )
    ]


def _unknown(key: str, value: str, known: Iterable[str], what: str, table: str) -> Fault:
    names = ", ".join(sorted(known))
    right = f"Known are: {names}." if names else f"There is none: add {table} to studio-support.toml."
    return Fault(key, f"names the {what} {value!r}, which does not exist", right)


def _other_name(client: Client, name: str) -> Problem:
    return Problem(
        f"file:{name}",
        f"{name} holds the client {client.id}.",
        f"Nothing needs to be done; the name {client.id}.toml would be found more easily.",
        client.id,
    )


def _unique(clients: list[Client]) -> tuple[dict[str, Client], list[Problem]]:
    by_id: dict[str, Client] = {}
    problems = []
    for client in clients:
        first = by_id.get(client.id)
        if first is None:
            by_id[client.id] = client
            continue
        projects = tuple(dict.fromkeys((*first.redmine_projects, *client.redmine_projects)))
        by_id[client.id] = replace(first, broken=True, redmine_projects=projects)
        problems.append(
            Problem(
                f"file:{client.file}",
                f"{client.file} has the id {client.id}, which {first.file} has too.",
                "Give one of them an id of its own.",
                client.id,
            )
        )
    return by_id, problems


def _shared_projects(clients: Mapping[str, Client]) -> tuple[list[Problem], list[Problem]]:
    """Projects that two clients list: each needs an `only` of its own; drafts that repeat one are a notice."""
    listed: dict[str, list[Client]] = {}
    for client in clients.values():
        for project in client.redmine_projects:
            listed.setdefault(project, []).append(client)
    problems: list[Problem] = []
    notices: list[Problem] = []
    for project, sharing in listed.items():
        billed = [client for client in sharing if not client.draft and not client.broken]
        notices.extend(_needless(project, client, billed) for client in sharing if client.draft and billed)
        filters = [client.only for client in billed]
        if len(billed) > 1 and (None in filters or len(set(filters)) < len(filters)):
            problems.extend(_needs_only(project, client, billed) for client in billed)
    return problems, notices


def _needs_only(project: str, client: Client, sharing: list[Client]) -> Problem:
    others = ", ".join(other.file for other in sharing if other is not client)
    return Problem(
        f"file:{client.file}",
        f"{client.file} lists the project {project!r}, which {others} lists too, and nothing tells their time apart.",
        'Write only = { issue_field = "Payer", value = "…" } with another value in each, or list it once.',
        client.id,
    )


def _needless(project: str, draft: Client, billed: list[Client]) -> Problem:
    others = ", ".join(client.file for client in billed)
    return Problem(
        f"file:{draft.file}",
        f"The draft {draft.file} lists the project {project!r}, which {others} lists as well.",
        "Delete the draft if it is not needed any more.",
        draft.id,
    )
