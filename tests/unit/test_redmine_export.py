"""Redmine's own CSV export, given by a person, in the forms in which it reaches us."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from studio_support.errors import FilesystemError, InputFileError
from studio_support.model import Issue, Person, Project, Reading
from studio_support.period import Month
from studio_support.reads import load_source_file
from studio_support.redmine.export_csv import read_export
from studio_support.testing.redmine_csv import csv_of
from studio_support.testing.redmine_world import RedmineWorld

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
EN = "Project,Date,User,Activity,Issue,Comment,Hours,OTRS ticket\n"
ROW = "ACME,10/14/2026,Anna Petrova,Development,Bug #12: Form,fixed,0.33,2026102010000037\n"


def export(path: Path, content: str | bytes, order: Literal["dmy", "mdy"] | None = None, **options: Any) -> Reading:
    """Writes a file and reads it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
    return read_export(path, OCTOBER, date_order=order, ticket_field="OTRS ticket", now=NOW, **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the export lies."""
    return tmp_path / "timelog.csv"


def world() -> RedmineWorld:
    """What the exports of all languages are made from."""
    made = RedmineWorld()
    project, anna = made.add_project("acme", "ACME Größe"), made.add_user("a.p", "Anna", "Müller")
    issue = made.add_issue(project, 'Form "x"; y, z', ticket="2026102010000037")
    made.book(project, anna, 1 / 3, date(2026, 10, 14), issue=issue, comments="first\r\nsecond; a, b")
    made.book(project, anna, 7.25, date(2026, 10, 2), activity="Design")
    made.book(project, anna, 1, date(2026, 9, 30))
    return made


@pytest.mark.parametrize("language", ["en", "de", "ru", "fr"])
@pytest.mark.parametrize("encoding", ["UTF-8", None])
def test_the_same_month_in_each_language(file: Path, language: str, encoding: str | None) -> None:
    """Headers, separators, decimal signs and dates differ; entries and their keys do not."""
    made = world()
    reader = made.users[1]
    reader.language = language
    columns = ("project", "spent_on", "user", "activity", "issue", "comments", "hours", "issue.cf_1")
    reading = export(file, csv_of(made, reader, made.entries.values(), columns, encoding))
    first, second = reading.entries
    assert (first.project, first.user, first.activity, first.issue_id) == (
        "ACME Größe",
        "Anna Müller",
        "Development",
        1,
    )
    assert (first.minutes, first.spent_on, first.comments) == (20, date(2026, 10, 14), "first\r\nsecond; a, b")
    assert (second.minutes, second.spent_on, second.issue_id) == (435, date(2026, 10, 2), None)
    reader.language = "en"
    english = export(file, csv_of(made, reader, made.entries.values(), columns, "UTF-8"))
    assert [entry.id for entry in reading.entries] == [entry.id for entry in english.entries]
    assert reading.issues[0].subject == 'Form "x"; y, z'
    assert reading.issues[0].ticket == "2026102010000037"
    latin = encoding is None and language in ("en", "de", "fr")
    assert [notice.source for notice in reading.notices] == (["file"] if latin else []) + [f"file:{file}"]
    assert "2026-09: 1" in reading.notices[-1].message


def test_a_reading_of_an_export_as_a_whole(file: Path) -> None:
    """Names only: no ids of projects and people, no time of booking, no late entries."""
    known = (Person(5, "Anna Petrova", "a.p"), Person(6, "Boris Ivanov", "b.i"))
    rows = ROW + "Other,10/15/2026,Clara New,Design,,,2,\n"
    reading = export(file, EN + rows, people=known)
    assert reading.source == "csv"
    assert reading.started_at == NOW
    assert reading.projects == (Project(None, "", "ACME"), Project(None, "", "Other"))
    assert reading.people == (*known, Person(None, "Clara New"))
    assert reading.issues == (
        Issue(12, "Form", "Bug", ticket="2026102010000037", fields=(("OTRS ticket", "2026102010000037"),)),
    )
    entry = reading.entries[1]
    assert (entry.project_id, entry.user_id, entry.created_on, entry.issue_id, entry.minutes) == (
        None,
        None,
        None,
        None,
        120,
    )
    assert (reading.late, reading.late_since, reading.requests) == ((), None, 0)
    assert "2 rows" in reading.control
    assert reading.entries[0].fields == (("OTRS ticket", "2026102010000037"),)


def test_keys_are_stable_under_order_language_and_columns(file: Path) -> None:
    """Twins are told apart by occurrence; which of them comes first does not matter."""
    twins = [ROW, ROW, ROW.replace("fixed", "other"), ROW.replace("0.33", "0.50")]
    before = [entry.id for entry in export(file, EN + "".join(twins)).entries]
    assert len(set(before)) == 4
    assert before[0].rpartition(":")[0] == before[1].rpartition(":")[0]
    random.Random(7).shuffle(twins)
    assert sorted(entry.id for entry in export(file, EN + "".join(twins)).entries) == sorted(before)
    german = "Projekt;Datum;Benutzer;Aktivität;Ticket;Kommentar;Stunden\n"
    row = "ACME;14.10.2026;Anna Petrova;Development;Bug #12: Other subject;fixed;0,33\n"
    assert export(file, german + row).entries[0].id == before[0]


@pytest.mark.parametrize(
    "change",
    [
        ("ACME", "ACMF"),
        ("10/14", "10/15"),
        ("Anna", "Anne"),
        ("Development", "Design"),
        ("#12", "#13"),
        ("fixed", "fixes"),
        ("0.33", "0.35"),
    ],
)
def test_each_part_of_a_row_is_in_its_key(file: Path, change: tuple[str, str]) -> None:
    """Another project, day, person, activity, issue, comment or time is another entry."""
    one, other = export(file, EN + ROW).entries[0], export(file, EN + ROW.replace(*change)).entries[0]
    assert one.id != other.id


@pytest.mark.parametrize(
    ("dates", "order", "days"),
    [
        (["2026-10-05", "2026-10-06"], None, [5, 6]),
        (["2026/10/05"], "mdy", [5]),
        (["10/05/2026", "10/14/2026"], None, [5, 14]),
        (["05/10/2026", "14/10/2026"], None, [5, 14]),
        (["05.10.2026", "14.10.2026"], None, [5, 14]),
        (["05-10-2026", "14-10-2026"], None, [5, 14]),
        (["10/10/2026"], None, [10]),
        (["05/10/2026"], "dmy", [5]),
        (["10/05/2026"], "mdy", [5]),
        ([" 10/14/2026 "], None, [14]),
    ],
)
def test_the_order_of_dates_is_decided_once(
    file: Path, dates: list[str], order: Literal["dmy", "mdy"] | None, days: list[int]
) -> None:
    """By the row that fits one order only, by a person's word, or by the year that stands first."""
    reading = export(file, EN + "".join(ROW.replace("10/14/2026", text) for text in dates), order)
    assert [entry.spent_on for entry in reading.entries] == [date(2026, 10, day) for day in days]


def test_dates_of_two_meanings_are_asked_about(file: Path) -> None:
    """Every row fits both orders: the file alone cannot tell, although one order fits the month better."""
    rows = ROW.replace("10/14", "10/10") + ROW.replace("10/14", "10/05")
    with pytest.raises(InputFileError) as caught:
        export(file, EN + rows)
    assert caught.value.line == 3
    assert "10/05/2026" in caught.value.wrong
    assert "--date-order dmy" in caught.value.next_step


def test_dates_that_fit_no_order_name_the_line(file: Path) -> None:
    """Line 2 is month first, line 3 day first."""
    with pytest.raises(InputFileError) as caught:
        export(file, EN + ROW + ROW.replace("10/14", "15/10"))
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("text", "order"),
    [("tomorrow", None), ("10.14/2026", None), ("2026-10-32", None), ("10/14/26", None), ("14/10/2026", "mdy")],
)
def test_a_date_that_is_none_names_its_line(file: Path, text: str, order: Literal["dmy", "mdy"] | None) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputFileError) as caught:
        export(file, EN + ROW.replace("10/14/2026", text), order)
    assert caught.value.line == 2
    assert text in caught.value.wrong


def test_a_mixed_decimal_sign_names_the_line(file: Path) -> None:
    """Two exports pasted into one file."""
    with pytest.raises(InputFileError) as caught:
        export(file, EN + ROW + ROW.replace("0.33", '"0,33"'))
    assert (caught.value.line, caught.value.wrong) == (3, "hours with a comma here, with a point in line 2")
    with pytest.raises(InputFileError) as caught:
        export(file, EN + ROW.replace("0.33", '"0,33"') + ROW)
    assert (caught.value.line, caught.value.wrong) == (3, "hours with a point here, with a comma in line 2")


def test_unreadable_hours_are_a_problem_with_their_line(file: Path) -> None:
    """The other rows are read; hours of another month are nobody's concern."""
    reading = export(file, EN + ROW.replace("0.33", "a lot") + ROW + ROW.replace("10/14", "09/14").replace("0.33", "x"))
    assert [entry.minutes for entry in reading.entries] == [20]
    assert [problem.source for _, problem in reading.doubtful] == [f"file:{file}:2"]
    assert "'a lot'" in reading.doubtful[0][1].message


def test_hours_of_all_forms(file: Path) -> None:
    """Whole, h:mm, negative: read; judged elsewhere."""
    rows = "".join(ROW.replace("0.33", text) for text in ("2", "0:20", "-1.50", "1000.00"))
    assert [entry.minutes for entry in export(file, EN + rows).entries] == [120, 20, -90, 60_000]


def test_lines_are_counted_through_comments_of_several_lines(file: Path) -> None:
    """The line is the one an editor shows at the end of the row."""
    rows = ROW.replace("fixed", '"one\ntwo\nthree"') + ROW.replace("0.33", "?")
    assert export(file, EN + rows).doubtful[0][1].source == f"file:{file}:5"


@pytest.mark.parametrize(
    ("content", "line", "wrong"),
    [
        (b"", None, "the file is empty"),
        (b" \n\n", None, "the file is empty"),
        (b"\xff\xfe\x00", None, "no text"),
        (b"a\0b", None, "no text"),
        (b"\xef\xbb\xbf\xff", None, "no text"),
        (b"%PDF-1.4\n", 1, "lacks Project, Date, User, Activity, Issue, Comment, Hours"),
        (EN.replace("Hours,", "").encode(), 1, "lacks Hours"),
        (EN.replace("Project,", "").replace(",", ";").encode(), 1, "lacks Project"),
        (EN.encode() + b"ACME,10/14/2026\n", 2, "2 columns, the header has 8"),
        (EN.encode() + b'ACME,"10/14/2026\n', 2, "no CSV"),
        (EN.encode() + ROW.replace("Bug #12: Form", "Form").encode(), 2, "no issue like #12: 'Form'"),
        (EN.encode(), None, "nothing of 2026-10, but no rows at all"),
        (EN.encode() + ROW.replace("10/14", "09/14").encode(), None, "nothing of 2026-10, but 2026-09: 1"),
    ],
)
def test_wrong_files_say_what_and_where(file: Path, content: bytes, line: int | None, wrong: str) -> None:
    """A month is never closed with nothing because the file was the wrong one."""
    with pytest.raises(InputFileError) as caught:
        export(file, content)
    assert caught.value.file == str(file)
    assert caught.value.line == line
    assert wrong in caught.value.wrong
    assert caught.value.next_step


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Not our file's fault: the file system's."""
    with pytest.raises(FilesystemError):
        read_export(tmp_path / "none.csv", OCTOBER, date_order=None, ticket_field="", now=NOW)
    with pytest.raises(FilesystemError):
        load_source_file(tmp_path / "none.csv", OCTOBER, date_order=None, ticket_field="", now=NOW)


def test_utf_16_and_tabs_from_a_spreadsheet(file: Path) -> None:
    """What a spreadsheet calls Unicode text."""
    reading = export(file, (EN + ROW).replace(",", "\t").encode("utf-16"))
    assert reading.entries[0].minutes == 20


def test_an_export_with_all_cells_in_quotes(file: Path) -> None:
    """With commas its header is no CSV at all, with semicolons it is."""
    quoted = "".join('"' + line.replace(",", '";"') + '"\n' for line in (EN + ROW).splitlines())
    assert export(file, quoted).entries[0].minutes == 20


def test_columns_of_the_issue_are_kept(file: Path) -> None:
    """Tracker and status where given; other columns as fields; what Redmine says of itself is no field."""
    header = "Project,Date,User,Activity,Issue,Comment,Hours,Tracker,Status,Payer,Created\n"
    row = "ACME,10/14/2026,Anna Petrova,Development,#12,,1,Feature,Closed,ACME,10/14/2026 10:00 AM\n"
    issue = export(file, header + row).issues[0]
    assert issue == Issue(12, "", "Feature", "Closed", fields=(("Payer", "ACME"),))


def test_what_one_row_does_not_say_of_an_issue_another_does(file: Path) -> None:
    """The subject is hidden in one row and shown in another; a ticket number in the subject counts."""
    rows = ROW.replace(",2026102010000037", ",").replace("Form", "[Ticket#2026102010000052] Form")
    rows += ROW.replace(",2026102010000037", ",").replace("Bug #12: Form", "#12")
    issue = export(file, EN + rows).issues[0]
    assert (issue.subject, issue.tracker, issue.ticket) == (
        "[Ticket#2026102010000052] Form",
        "Bug",
        "2026102010000052",
    )


def test_a_source_file_is_known_by_its_content(file: Path) -> None:
    """A CSV under any name."""
    file.write_text(EN + ROW, "utf-8")
    reading = load_source_file(file, OCTOBER, date_order=None, ticket_field="OTRS ticket", now=NOW)
    assert (reading.source, reading.booked_minutes) == ("csv", 20)
