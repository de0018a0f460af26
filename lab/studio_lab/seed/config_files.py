"""The product's files for a seeded world: studio-support.toml, clients/*.toml, people.toml, and secrets beside them.

Every project that can be read is listed or internal, every row has a rate and a tax: a month closes without problems.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from random import Random

from studio_lab import mailsink, people, redmine, znuny, znuny_world
from studio_lab.state import Lab, write_private

from .numbers import german_vat_id, inn
from .world import DELETED, NEW_LAST_NAME, RENAMED, Client, World

_STUDIO = """\
# Written by lab/seed for the lab `{lab}`: {size}

[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "ru"
currency = "RUB"

[seller]
name = "ООО «Веб-студия»"
address = ["ул. Ленина, 1", "214000 Смоленск"]
country = "RU"
inn = "7802895380"
kpp = "780201001"
email = "buh@studio.example"

[seller.bank]
name = "СЕВЕРО-ЗАПАДНЫЙ БАНК ПАО СБЕРБАНК"
bic = "044030653"
account = "40702810455000024248"
correspondent_account = "30101810500000000653"

[sellers.berlin]
name = "Webstudio Berlin GmbH"
address = ["Musterstr. 5", "10115 Berlin"]
country = "DE"
vat_id = "DE136695976"
email = "rechnung@studio.example"
number_format = "B-{{year}}-{{number:04d}}"

[sellers.berlin.bank]
name = "Testbank"
bic = "COBADEFFXXX"
iban = "DE89370400440532013000"

[redmine]
url = "{redmine_url}"
api_key_env = "REDMINE_API_KEY"
ticket_field = "OTRS ticket"

{otrs}[store]
url = "sqlite:///studio-support.db"

[mail]
smtp_url = "{smtp_url}"
sender = "billing@studio.example"

[links]
base_url = "{base_url}"
secret_file = "link.secret"
directory = "published"

[billing]
number_format = "{{year}}-{{number:04d}}"
payment_days = 10
internal_projects = ["internal"]
non_billable_activities = ["Consultation"]

{rule}[[billing.tax]]
from = 2020-01-01
category = "S"
rate = "20"
prices = "net"

[[billing.tax]]
from = 2026-01-01
category = "S"
rate = "22"
prices = "net"

[[price_lists.standard]]
from = 2020-01-01
per_hour = "3000.00"

[[price_lists.standard]]
from = 2026-01-01
per_hour = "3500.00"

[[price_lists.standard]]
from = 2026-01-01
activity = "Design"
per_hour = "3900.00"
"""

_OTRS = """\
[otrs]
url = "{url}"
web_service = "{web_service}"
user = "{user}"
password_env = "OTRS_PASSWORD"
timezone = "UTC"
queues = {queues}

"""

_CARE_RULE = """\
[[billing.rule]]
project = "client-0011-care"
as = "fixed"
show = true
label = { ru = "По договору обслуживания", de = "Im Pflegevertrag enthalten", en = "Covered by the care plan" }

"""


def write(lab: Lab, world: World, folder: Path, leave_out: int, anonymous: int = 4) -> None:
    """Write the files; the last `leave_out` clients get none (their projects wait to be discovered).

    anonymous: id of the user to whom Redmine gives the time of people who were deleted.
    """
    (folder / "clients").mkdir(parents=True, exist_ok=True)
    for old in (folder / "clients").glob("client-*.toml"):
        old.unlink()
    identifiers = {project.identifier for project in world.projects}
    studio = _STUDIO.format(
        lab=lab.name,
        size=world.size.describe(),
        redmine_url=redmine.url(lab),
        otrs=_otrs(lab),
        smtp_url=mailsink.info(lab)["url"],
        base_url=(folder / "published").absolute().as_uri(),
        rule=_CARE_RULE if "client-0011-care" in identifiers else "",
    )
    (folder / "studio-support.toml").write_text(studio, encoding="utf-8")
    for client in world.clients[: len(world.clients) - leave_out]:
        text = _client(client, world.size.seed, f"#{anonymous}")
        (folder / "clients" / f"{client.id}.toml").write_text(text, encoding="utf-8")
    (folder / "people.toml").write_text(_people(world), encoding="utf-8")
    if not (folder / "link.secret").exists():
        write_private(folder / "link.secret", secrets.token_hex(32) + "\n")
    secret = {"REDMINE_API_KEY": lab.secret("redmine-key-" + people.BILLING)}
    if "znuny" in lab.optional:
        # One key for both: what bills can do, and making issues of tickets.
        secret = {"REDMINE_API_KEY": lab.secret("redmine-key-" + people.BRIDGE)}
        secret["OTRS_PASSWORD"] = znuny.password(lab, znuny_world.ROBOT)
    lines = [f"# Read it into the shell: . {folder.absolute()}/env.sh"]
    lines += [f"export {name}={value}" for name, value in secret.items()]
    write_private(folder / "env.sh", "\n".join(lines) + "\n")


def _otrs(lab: Lab) -> str:
    if "znuny" not in lab.optional:
        return ""
    return _OTRS.format(
        url=znuny.url(lab),
        web_service=znuny_world.WEB_SERVICE,
        user=znuny_world.ROBOT,
        queues=_list(znuny_world.QUEUES[:2]),
    )


def _client(client: Client, seed: int, gone: str) -> str:
    chance = Random(f"{seed} {client.id}")
    lines = [f'id = "{client.id}"', f"name = {_quoted(client.name)}"]
    if client.german:
        lines += [f'address = ["Hauptstr. {client.number}", "{chance.randrange(10115, 99998)} Musterstadt"]']
        lines += ['country = "DE"', f'vat_id = "{german_vat_id(chance)}"', 'language = "de"', 'currency = "EUR"']
        lines += ['seller = "berlin"']
    else:
        lines += [f'address = ["ул. Садовая, {client.number}", "{chance.randrange(101000, 199999)} Москва"]']
        lines += ['country = "RU"', f'inn = "{inn(chance)}"', 'kpp = "770101001"', 'language = "ru"']
        lines += ['currency = "RUB"']
    lines += [f'emails = ["accounts@{client.id}.example"]', f"redmine_projects = {_list(client.projects)}"]
    if client.payer:
        lines += [f'only = {{ issue_field = "Payer", value = {_quoted(client.payer)} }}']
    lines += [f'account_manager = "{list(people.BOOKING)[client.number % 2]}"']
    if client.number % 10 == 4:
        lines += ['price_list = "standard"']
    if client.number % 8 == 6:
        lines += ['rounding = { increment_minutes = 15, mode = "up", per = "task" }']
    elif client.number % 8 == 3:
        lines += ['rounding = { increment_minutes = 5, mode = "nearest", per = "entry" }']
    return "\n".join(lines) + "\n" + _rates(client, chance, gone) + _taxes(client)


def _rates(client: Client, chance: Random, gone: str) -> str:
    if client.number % 10 == 4:
        return ""  # the price list has all
    price, change = (chance.randrange(70, 120), 12) if client.german else (chance.randrange(25, 50) * 100, 500)
    rows = [("2020-01-01", "", f"{price}.00")]
    if client.number % 5 == 0:
        rows += [("2026-10-16", "", f"{price + change}.00")]  # a new price in the middle of a month
    if client.number % 4 == 1:
        rows += [("2026-01-01", 'specialist = "a.petrova"', f"{price * 5 // 4}.00")]
    if client.number % 6 == 2:
        rows += [("2026-01-01", 'activity = "Design"', f"{price * 11 // 10}.50")]
    if client.number % 12 == 5:
        rows += [("2026-01-01", 'specialist = "a.petrova"\nactivity = "Design"', f"{price * 3 // 2}.00")]
    if client.number % 12 == 9:
        full_name = f"{people.BOOKING[RENAMED][0]} {NEW_LAST_NAME}"
        rows += [("2026-01-01", f'specialist = "{full_name}"', f"{price * 6 // 5}.00")]
    if any("specialist" in narrow for _, narrow, _ in rows):
        rows += [("2020-01-01", f'specialist = "{gone}"', f"{price}.00")]  # it is not known who they were
    return "".join(
        f'\n[[rates]]\nfrom = {begins}\n{narrow}{chr(10) if narrow else ""}per_hour = "{per_hour}"\n'
        for begins, narrow, per_hour in rows
    )


def _taxes(client: Client) -> str:
    if not client.german:
        return ""
    if client.number % 9 == 0:
        return '\n[[tax]]\nfrom = 2020-01-01\ncategory = "S"\nrate = "19"\nprices = "gross"\n'
    return '\n[[tax]]\nfrom = 2020-01-01\ncategory = "S"\nrate = "19"\nprices = "net"\n'


def _people(world: World) -> str:
    tables = (
        f'["{login}"]\nredmine = "{login}"\nemail = "{login}@studio.example"\n'
        for login in world.people
        if login != DELETED
    )
    return "\n".join(tables)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"
