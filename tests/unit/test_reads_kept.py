"""Readings are kept exactly, privately, and never half."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_invoices.errors import Problem
from studio_support.errors import FilesystemError, InputFileError
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month
from studio_support.reads import load_reading, load_source_file, write_reading

text = st.text(max_size=30)
whole = st.integers(min_value=-(10**12), max_value=10**12)
maybe = st.none() | whole
instants = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=3))]))
pairs = st.lists(st.tuples(text, text), max_size=3).map(tuple)
days = st.dates()
entries = st.builds(
    TimeEntry,
    *(text, maybe, text, maybe, maybe, text, text, whole, days),
    created_on=st.none() | instants,
    comments=text,
    fields=pairs,
)
projects = st.builds(Project, maybe, text, text, maybe, st.booleans(), text)
issues = st.builds(Issue, whole, text, text, text, text, maybe, maybe, pairs)
people = st.builds(Person, maybe, text, st.none() | text)
problems = st.builds(Problem, text, text, text, st.none() | text)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A tuple of a few."""
    return st.lists(values, max_size=3).map(tuple)


readings = st.builds(
    Reading,
    source=st.sampled_from(["redmine", "csv"]),
    month=st.builds(Month, st.integers(1900, 9998), st.integers(1, 12)),
    started_at=instants,
    entries=some(entries),
    projects=some(projects),
    issues=some(issues),
    people=some(people),
    control=text,
    late=some(entries),
    late_since=st.none() | instants,
    problems=some(problems),
    notices=some(problems),
    requests=st.integers(0, 10**6),
    waited_seconds=st.floats(0, 1e6),
)


def small() -> Reading:
    """A reading with one of everything."""
    entry = TimeEntry("7", 1, "ACME", 12, 5, "Anna", "Design", 20, date(2026, 10, 5), None, "Привет 😀", (("a", "b"),))
    return Reading(
        source="redmine",
        month=Month(2026, 10),
        started_at=datetime(2026, 11, 1, 8, tzinfo=UTC),
        entries=(entry,),
        projects=(Project(1, "acme", "ACME"),),
        issues=(Issue(12, "Form"),),
        people=(Person(5, "Anna", "a.p"),),
        control="CSV",
        problems=(Problem("entry:9", "m", "n"),),
        requests=9,
        waited_seconds=0.5,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(readings)
def test_a_reading_comes_back_exactly(tmp_path: Path, reading: Reading) -> None:
    """Every value, lone surrogates and control characters included."""
    name, _ = write_reading(reading, tmp_path)
    assert load_reading(tmp_path / name) == reading


def test_the_file_is_private_named_and_hashed(tmp_path: Path) -> None:
    """Relative to the folder, mode 0600 in a folder of mode 0700, SHA-256 of its bytes; nothing else is left."""
    name, digest = write_reading(small(), tmp_path / "files")
    path = tmp_path / "files" / name
    assert not Path(name).is_absolute()
    assert name.startswith("readings/2026-10-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_the_same_reading_gives_the_same_bytes(tmp_path: Path) -> None:
    """In another folder at another time: the file depends on the reading alone."""
    one, two = write_reading(small(), tmp_path / "a"), write_reading(small(), tmp_path / "b")
    assert one == two
    assert (tmp_path / "a" / one[0]).read_bytes() == (tmp_path / "b" / two[0]).read_bytes()
    assert write_reading(small(), tmp_path / "a") == one


def lines_of(path: Path) -> list[str]:
    """The lines inside."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A kept reading: line 1 says what it is, lines 2 to 6 are values, line 7 counts them."""
    name, _ = write_reading(small(), tmp_path)
    assert len(lines_of(tmp_path / name)) == 7
    return tmp_path / name


@pytest.mark.parametrize(
    ("line", "replacement"),
    [
        (1, "{}"),
        (1, '{"format": "something else"}'),
        (1, "[]"),
        (2, "nonsense"),
        (2, '["horses", 1]'),
        (2, '["projects", 1, "acme"]'),
        (2, '["projects", "1", "acme", "ACME", null, true, "active"]'),
        (2, '["projects", true, "acme", "ACME", null, true, "active"]'),
        (2, '["projects", 1, "acme", "ACME", null, "yes", "active"]'),
        (2, '["projects", 1, 5, "ACME", null, true, "active"]'),
        (3, '["entries", "7", 1, "A", null, 5, "B", "C", 1.5, "2026-10-05", null, "", []]'),
        (3, '["entries", "7", 1, "A", null, 5, "B", "C", 20, "2026-10-32", null, "", []]'),
        (3, '["entries", "7", 1, "A", null, 5, "B", "C", 20, "2026-10-05", "2026-10-05T10:00:00", "", []]'),
        (3, '["entries", "7", 1, "A", null, 5, "B", "C", 20, "2026-10-05", null, "", [["a"]]]'),
        (7, '{"end": 99}'),
    ],
)
def test_a_line_that_cannot_be_read_is_named(kept: Path, line: int, replacement: str) -> None:
    """By its number, for whoever has to look."""
    lines = lines_of(kept)
    lines[line - 1] = replacement
    kept.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    with pytest.raises(InputFileError) as caught:
        load_reading(kept)
    assert (caught.value.file, caught.value.line) == (str(kept), line)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 99),
        ("source", "paper"),
        ("month", "2026-13"),
        ("started_at", "2026-11-01T08:00:00"),
        ("requests", "9"),
    ],
)
def test_a_first_line_with_another_meaning_is_refused(kept: Path, key: str, value: object) -> None:
    """A file of a later version is not guessed at."""
    lines = lines_of(kept)
    lines[0] = json.dumps(json.loads(lines[0]) | {key: value})
    kept.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    with pytest.raises(InputFileError) as caught:
        load_reading(kept)
    assert caught.value.line == 1


def test_a_file_cut_off_is_refused_even_where_the_compression_is_whole(kept: Path) -> None:
    """Without its last line, without a value, with something behind the end."""
    lines = lines_of(kept)
    for cut in ([], lines[:-1], [*lines[:3], *lines[4:]], [*lines, lines[2]]):
        kept.write_bytes(gzip.compress("".join(f"{line}\n" for line in cut).encode()))
        with pytest.raises(InputFileError):
            load_reading(kept)


def test_damaged_bytes_are_refused(kept: Path) -> None:
    """Cut off, a flipped byte, no gzip at all, bytes that are no ASCII."""
    whole_file = kept.read_bytes()
    flipped = bytearray(whole_file)
    flipped[-5] ^= 0xFF
    for damaged in (whole_file[:-9], whole_file[: len(whole_file) // 2], bytes(flipped), b"Project,Date\n", b""):
        kept.write_bytes(damaged)
        with pytest.raises(InputFileError):
            load_reading(kept)
    kept.write_bytes(gzip.compress("Привет\n".encode()))
    with pytest.raises(InputFileError):
        load_reading(kept)


def test_a_missing_file_and_a_folder_that_is_none(tmp_path: Path) -> None:
    """The file system's errors are not the file's."""
    with pytest.raises(FilesystemError):
        load_reading(tmp_path / "none.gz")
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(FilesystemError):
        write_reading(small(), tmp_path / "file")


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Whatever step fails, no file of ours is left and the error names the path."""

    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    if call == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(os, call, full)
    with pytest.raises(FilesystemError) as caught:
        write_reading(small(), tmp_path)
    monkeypatch.undo()
    assert caught.value.reason == "No space left on device"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_kept_reading_is_a_source_of_its_own_month_only(kept: Path) -> None:
    """The month that was asked for must be the one in the file."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    options: dict[str, Any] = {"date_order": None, "ticket_field": "", "now": now}
    assert load_source_file(kept, Month(2026, 10), **options) == small()
    with pytest.raises(InputFileError, match="holds 2026-10, not 2026-11"):
        load_source_file(kept, Month(2026, 11), **options)


def test_what_a_killed_run_left_half_written_is_removed_by_the_next(tmp_path: Path) -> None:
    """What a process still writes stays; the name tells whose it is."""
    reading = Reading("csv", Month(2026, 10), datetime(2026, 11, 2, tzinfo=UTC), (), (), (), (), "none")
    write_reading(reading, tmp_path)
    folder = tmp_path / "readings"
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, alive = folder / f".tmp-{ended.pid}-{0:016x}", folder / f".tmp-{os.getpid()}-{0:016x}"
    left.touch()
    alive.touch()
    write_reading(reading, tmp_path)
    assert (left.exists(), alive.exists()) == (False, True)
