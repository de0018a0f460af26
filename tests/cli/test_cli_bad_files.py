"""Wrong files, wrong words, a store that cannot be used: one sentence, the next step, the right exit code."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from studio_support.reads import write_reading
from studio_support.store.versions import VERSION_TABLE
from tests.cli.conftest import Desk
from tests.world import make_reading

SETTINGS, ACME = "studio-support.toml", "clients/acme.toml"
CLOSE = ("bill", "close", "2026-10")
FROM_CSV = ("bill", "preview", "2026-10", "--from", "x.csv")
FROM_READ = ("bill", "preview", "2026-10", "--from", "x.gz")
HEAD = "Project,Date,User,Activity,Issue,Comment,Hours\n"
Prepare = Callable[[Desk], object]


@dataclass(frozen=True)
class Case:
    """says: a pattern for what and where. step: for the next step. kept: whether nothing at all may be written."""

    name: str
    prepare: Prepare
    command: Sequence[str]
    says: str
    step: str = "."
    code: int = 1
    secrets: Sequence[str] = field(default=())


def put(name: str, content: str | bytes) -> Prepare:
    def prepare(desk: Desk) -> None:
        path = desk.office.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return prepare


def change(name: str, old: str, new: str) -> Prepare:
    def prepare(desk: Desk) -> None:
        path = desk.office.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return prepare


def remove(name: str) -> Prepare:
    return lambda desk: (desk.office.folder / name).unlink()


def file_for_folder(name: str) -> Prepare:
    """A file stands where a folder has to be: nobody can write into it, not even root."""

    def prepare(desk: Desk) -> None:
        path = desk.office.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.write_text("")

    return prepare


def nothing(desk: Desk) -> None:
    """The studio is well; the command is not."""


def without(*names: str) -> Prepare:
    def prepare(desk: Desk) -> None:
        for name in names:
            del desk.office.environ[name]

    return prepare


def kept_read(edit: Callable[[list[str]], list[str]]) -> Prepare:
    """A kept read whose lines were edited."""

    def prepare(desk: Desk) -> None:
        folder = desk.office.folder
        name, _ = write_reading(make_reading(1, 3), folder)
        lines = gzip.decompress((folder / name).read_bytes()).decode().splitlines(keepends=True)
        (folder / "x.gz").write_bytes(gzip.compress("".join(edit(lines)).encode()))

    return prepare


def cut_read(desk: Desk) -> None:
    kept_read(lambda lines: lines)(desk)
    path = desk.office.folder / "x.gz"
    path.write_bytes(path.read_bytes()[:-40])


def entry_twice(lines: list[str]) -> list[str]:
    """The same booking in two lines, counted right."""
    place = next(number for number, line in enumerate(lines) if line.startswith('["entries"'))
    end = json.loads(lines[-1])["end"] + 1
    return [*lines[:place], lines[place], *lines[place:-1], json.dumps({"end": end}) + "\n"]


def closed(desk: Desk) -> None:
    desk.done(*CLOSE)


def newer_store(desk: Desk) -> None:
    closed(desk)
    with sqlite3.connect(desk.office.folder / "store.db") as store:
        store.execute(f"update {VERSION_TABLE} set version_num = '9999'")


def cats(desk: Desk) -> None:
    with sqlite3.connect(desk.office.folder / "store.db") as store:
        store.execute("create table cats (name text)")


def store_below_a_file(desk: Desk) -> None:
    put("no", "")(desk)
    change(SETTINGS, "store.db", "no/store.db")(desk)


CASES = [
    # the command line
    Case("no such command", nothing, ["bil"], r'No such command "bil". Did you mean "bill"\?', "--help", 2),
    Case("no such subcommand", nothing, ["bill", "clos"], r'"clos". Did you mean "close"\?', "bill --help", 2),
    Case("no such option", nothing, [*CLOSE, "--plna", "x"], r"No such option.*--plna", "bill close --help", 2),
    Case("no month", nothing, ["bill", "close"], r"Missing argument 'MONTH'", "bill close --help", 2),
    Case("no month of a year", nothing, ["bill", "preview", "2026-13"], r'"2026-13" is no month', "--help", 2),
    Case("a month in words", nothing, ["bill", "preview", "Oktober"], r'"Oktober" is no month: write 2026-10', "", 2),
    Case("no day", nothing, [*CLOSE, "--date", "2026-02-30"], r'"2026-02-30" is no day', "--help", 2),
    Case("no clock", nothing, ["--as-of", "yesterday", *CLOSE], r'--as-of.*"yesterday" is no ISO 8601 time', "", 2),
    Case("no offset", nothing, ["--as-of", "2026-11-02T09:00:00", *CLOSE], r"has no offset; write it like", "", 2),
    Case("another age", nothing, ["--as-of", "0001-01-01T00:00:00Z", *CLOSE], r"--as-of.*not of this age", "", 2),
    Case("no format", nothing, ["--format", "xml", "client", "list"], r"'xml' is not one of", "--help", 2),
    Case("unknown client", nothing, [*CLOSE, "--client", "acne"], r'no client "acne"', "Did you mean acme", 2),
    Case("unknown manager", nothing, ["bill", "preview", "2026-10", "--manager", "x"], r'manager "x"', "s.orlova", 2),
    Case("unknown invoice", nothing, ["invoice", "show", "7"], r'no invoice "7"', "invoice list"),
    Case("unknown entry", nothing, ["bill", "explain", "entry:7"], r"nothing was closed|nowhere", "bill "),
    Case("no reason", nothing, ["invoice", "cancel", "2026-0001", "--reason", " "], r"Say why", "--help", 2),
    Case("pdf of nothing", nothing, ["invoice", "pdf"], r"either a NUMBER, or --month", "--help", 2),
    Case("month not over", nothing, ["bill", "close", "2026-11"], r"2026-11 is not over yet", "bill preview", 4),
    # the configuration
    Case("no configuration", remove(SETTINGS), CLOSE, r"studio-support.toml", "init"),
    Case("named, not there", nothing, ["--config", "no.toml", *CLOSE], r"no.toml", "."),
    Case("empty", put(SETTINGS, ""), CLOSE, r"studio-support.toml: studio ", "."),
    Case("not TOML", put(SETTINGS, "[studio\n"), CLOSE, r"studio-support.toml, line 1 is not TOML", "."),
    Case("not text", put(SETTINGS, b"\xff\xfe\x00"), CLOSE, r"studio-support.toml", "UTF-8"),
    Case(
        "unknown key",
        change(SETTINGS, "timezone", "timezzone"),
        CLOSE,
        r"studio.timezone is missing.*\nAlso line 3, studio.timezzone is no known key. Did you mean timezone",
        "Correct all",
    ),
    Case("unknown zone", change(SETTINGS, "Europe/Moscow", "Europe/Moskau"), CLOSE, r"studio.timezone", "Europe/"),
    Case(
        "bad date",
        change(SETTINGS, "2026-01-01", "2026-02-30"),
        CLOSE,
        r"studio-support.toml, line \d+ is not TOML",
        ".",
    ),
    Case("secret missing", without("REDMINE_API_KEY"), CLOSE, r"redmine.api_key is not set.*REDMINE_API_KEY", "secret"),
    Case("link secret missing", without("LINK_SECRET"), CLOSE, r"links.secret is not set: .*LINK_SECRET", "secret"),
    Case(
        "a password in an address",
        change(SETTINGS, "http://127.0.0.1", "http://me:hunter2@127.0.0.1"),
        CLOSE,
        r"redmine.url",
        "_env|_file|password|login",
        secrets=["hunter2"],
    ),
    Case("clients are no folder", file_for_folder("clients"), CLOSE, r"clients cannot be read", "folder"),
    # clients: they park themselves, the others go on
    Case("client: empty file", put(ACME, ""), CLOSE, r"acme.toml", "2026-0001|.", 3),
    Case("client: not TOML", put(ACME, 'id = "acme\n'), CLOSE, r"acme.toml", ".", 3),
    Case("client: unknown key", change(ACME, "emails", "emals"), CLOSE, r"acme.toml \(emals, line 7\)", "emails", 3),
    Case("client: bad date", change(ACME, "2026-01-01", '"soon"'), CLOSE, r"rates\[1\].from, line 12", "2026", 3),
    Case("client: absurd rate", change(ACME, '"60.00"', '"-60.00"'), CLOSE, r"rates\[1\].per_hour", ".", 3),
    Case(
        "client: a fraction", change(ACME, '"60.00"', "60.5"), CLOSE, r"rates\[1\].per_hour", '"60.50"|quotes|text', 3
    ),
    Case("client: id twice", put("clients/two.toml", 'id = "acme"\ndraft = true\n'), CLOSE, r"acme", ".", 3),
    # files given by a person
    Case("csv: not there", nothing, FROM_CSV, r"x.csv: No such file", "Check the path"),
    Case("csv: a folder", lambda d: (d.office.folder / "x.csv").mkdir(), FROM_CSV, r"x.csv: Is a directory", "path"),
    Case("csv: empty", put("x.csv", ""), FROM_CSV, r"x.csv: the file is empty", "[Ee]xport"),
    Case("csv: another table", put("x.csv", "a,b\n1,2\n"), FROM_CSV, r"x.csv", "[Ee]xport"),
    Case("csv: bytes", put("x.csv", bytes(range(256))), FROM_CSV, r"x.csv", "[Ee]xport"),
    Case(
        "csv: bad date",
        put("x.csv", HEAD + "ACME site,2026-02-30,Anna Petrova,Development,,,1.00\n"),
        FROM_CSV,
        r"x.csv, line 2",
        ".",
    ),
    Case(
        "csv: another month",
        put("x.csv", HEAD + "ACME site,2026-09-14,Anna Petrova,Development,,,1.00\n"),
        FROM_CSV,
        r"x.csv: the file holds nothing of 2026-10",
        "2026-10",
    ),
    Case(
        "csv: negative hours",
        put("x.csv", HEAD + "acme,2026-10-14,Anna Petrova,Development,,,-1.00\n"),
        FROM_CSV,
        r"1 problem:\n  .*(-1:00|-1.00)",
        "->",
        3,
    ),
    Case(
        "csv: no hours",
        put("x.csv", HEAD + "acme,2026-10-14,Anna Petrova,Development,,,lots\n"),
        FROM_CSV,
        r"lots|line 2",
        ".",
        3,
    ),
    Case("read: not there", nothing, FROM_READ, r"x.gz: No such file", "Check the path"),
    Case("read: cut", cut_read, FROM_READ, r"x.gz.*(cut off|damaged|ends before)", "backup"),
    Case("read: no JSON", kept_read(lambda lines: [lines[0], "{nonsense\n"]), FROM_READ, r"x.gz, line 2", "backup"),
    Case("read: entry twice", kept_read(entry_twice), FROM_READ, r"entry 1 came twice", "."),
    Case(
        "read: another month", kept_read(lambda x: x), ["bill", "preview", "2026-09", "--from", "x.gz"], "2026-10", ""
    ),
    Case("import: not there", nothing, ["client", "import", "no.csv"], r"no.csv", "path|file"),
    Case("import: empty", put("x.csv", ""), ["client", "import", "x.csv"], r"x.csv", "."),
    Case("import: unknown key", put("x.csv", "id,nmae\nx,y\n"), ["client", "import", "x.csv"], r"nmae", "name"),
    # folders and the store
    Case("published is a file", file_for_folder("published"), CLOSE, r"published", "."),
    Case("files is a file", file_for_folder("files"), CLOSE, r"files.*: ", "path|right"),
    Case("the store's folder is a file", store_below_a_file, CLOSE, r"/no.*: ", "folder|path"),
    Case("no store", put("store.db", "This is a letter, and a long one. " * 40), CLOSE, r"store.db", "."),
    Case(
        "somebody else's database",
        cats,
        CLOSE,
        r"store.db.*table cats",
        "database of its own",
    ),
    Case(
        "a newer store",
        newer_store,
        CLOSE,
        r"store.db: its version is 9999",
        "newer studio-support",
    ),
    Case("html into a file", put("out", ""), ["bill", "preview", "2026-10", "--html", "out"], r"out: ", "path"),
    Case("pdf nowhere", closed, ["invoice", "pdf", "2026-0001", "--out", "no/x.pdf"], r"no/x.pdf", "path"),
]


def left(desk: Desk) -> dict[str, bytes]:
    """All files but the store and the mark that a folder of copies is its own."""
    return {name: data for name, data in desk.office.files().items() if not name.endswith(".studio-support-store")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_ends_in_a_sentence_and_a_next_step(case: Case, desk: Desk) -> None:
    case.prepare(desk)
    before = left(desk)

    run = desk.run(*case.command)

    assert run.code == case.code, run.err
    assert re.search(case.says, run.err, re.DOTALL), run.err
    assert re.search(case.step, run.err.rstrip("\n").split("\n")[-1] if case.code != 3 else run.err), run.err
    assert "Traceback" not in run.err + run.out
    assert not [secret for secret in [*desk.secrets(), *case.secrets] if secret in run.err + run.out]
    if case.code != 3:
        assert run.out == ""
        assert run.err.startswith("Error: ")
        assert run.err.count("Error: ") == 1
        assert left(desk) == before, "nothing half-written"
    elif case.command[1] == "close":
        assert "beta" in run.out, "the others go on"


def test_what_a_person_names_is_told_with_its_problem(desk: Desk) -> None:
    """Figures that no row can have stand with entry, day and hours, so that they can be found in Redmine."""
    desk.office.redmine.book(desk.office.acme, desk.office.anna, 30, date(2026, 10, 12))
    run = desk.run("bill", "preview", "2026-10")
    assert run.code == 3
    assert re.search(r"entry 7 of 2026-10-12, 30:00", run.err)


def test_a_traceback_comes_with_vv_only(desk: Desk, tmp_path: Path) -> None:
    file_for_folder("published")(desk)
    assert "Traceback" not in desk.run("-v", *CLOSE).err
    run = desk.run("-vv", *CLOSE)
    assert "Traceback" in run.err
    assert "Error: " in run.err
    assert desk.run(*CLOSE, "-vv").err.count("Traceback") == run.err.count("Traceback")
    assert not [secret for secret in desk.secrets() if secret in run.err]
