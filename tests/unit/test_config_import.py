"""A list of clients becomes files of clients; faulty lines are named, nothing of somebody's is overwritten."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from studio_support.config.client_import import import_clients
from studio_support.errors import FilesystemError, InputFileError

HEADER = "id;name;address;country;language;currency;emails;redmine_projects;rate;rate_from"
ACME = 'acme;ACME GmbH;"Hauptstr. 1; 10115 Berlin";DE;de;EUR;"a@acme.example;b@acme.example";site;95,00;01.01.2026'
BEST = "best;ООО «Лучшие»;ул. 1;RU;ru;RUB;;;;"


def put(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = folder / "clients.csv"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def test_each_line_becomes_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "clients"
    result = import_clients(put(tmp_path, HEADER, ACME, "", BEST), folder)
    assert (result.written, result.unchanged, result.problems) == (("acme", "best"), (), ())
    assert tomllib.loads((folder / "acme.toml").read_text(encoding="utf-8")) == {
        "id": "acme",
        "name": "ACME GmbH",
        "address": ["Hauptstr. 1", "10115 Berlin"],
        "country": "DE",
        "language": "de",
        "currency": "EUR",
        "emails": ["a@acme.example", "b@acme.example"],
        "redmine_projects": ["site"],
        "rates": [{"from": date(2026, 1, 1), "per_hour": "95.00"}],
    }
    assert tomllib.loads((folder / "best.toml").read_text(encoding="utf-8"))["name"] == "ООО «Лучшие»"
    assert sorted(path.name for path in folder.iterdir()) == ["acme.toml", "best.toml"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_dialects_are_understood(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    header = ["Id", "Name", "Address", "Country", "Language", "Currency", "Payment days"]
    row = ["acme", "Größe", '"Weg 1; X"', "DE", "de", "EUR", "14"]
    lines = [delimiter.join(header), delimiter.join(row)]
    result = import_clients(put(tmp_path, *lines, encoding=encoding, end=end), tmp_path)
    assert result.problems == ()
    table = tomllib.loads((tmp_path / "acme.toml").read_text(encoding="utf-8"))
    assert (table["name"], table["address"], table["payment_days"]) == ("Größe", ["Weg 1", "X"], 14)


def test_an_encoding_is_never_guessed(tmp_path: Path) -> None:
    path = put(tmp_path, HEADER, ACME, BEST, encoding="cp1251")
    with pytest.raises(InputFileError) as caught:
        import_clients(path, tmp_path)
    assert (caught.value.line, caught.value.wrong) == (3, "is not in UTF-8")
    assert "cp1251" in caught.value.next_step
    assert import_clients(path, tmp_path, encoding="cp1251").written == ("acme", "best")
    assert "ООО «Лучшие»" in (tmp_path / "best.toml").read_text(encoding="utf-8")
    with pytest.raises(InputFileError, match="no encoding"):
        import_clients(path, tmp_path, encoding="klingon")


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, HEADER, ACME)
    import_clients(path, tmp_path)
    before = (tmp_path / "acme.toml").stat().st_mtime_ns
    result = import_clients(path, tmp_path)
    assert (result.written, result.unchanged, result.problems) == ((), ("acme",), ())
    assert (tmp_path / "acme.toml").stat().st_mtime_ns == before


def test_a_file_that_differs_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    mine = 'id = "acme"\n# kept by hand\n'
    (tmp_path / "acme.toml").write_text(mine, encoding="utf-8")
    path = put(tmp_path, HEADER, ACME, BEST)
    result = import_clients(path, tmp_path)
    assert result.written == ("best",)
    assert [(p.source, p.client) for p in result.problems] == [("file:clients.csv:2", "acme")]
    assert "holds something else" in result.problems[0].message
    assert (tmp_path / "acme.toml").read_text(encoding="utf-8") == mine
    assert import_clients(path, tmp_path, replace_files=True).written == ("acme",)
    assert 'name = "ACME GmbH"' in (tmp_path / "acme.toml").read_text(encoding="utf-8")


def test_a_client_is_found_in_a_file_of_another_name(tmp_path: Path) -> None:
    (tmp_path / "kunde.toml").write_text('id = "acme"\n', encoding="utf-8")
    (tmp_path / "broken.toml").write_text("id = \n", encoding="utf-8")
    result = import_clients(put(tmp_path, HEADER, ACME), tmp_path)
    assert "kunde.toml" in result.problems[0].message
    assert not (tmp_path / "acme.toml").exists()


def test_a_broken_file_in_the_way_is_kept(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text("id = \n", encoding="utf-8")
    result = import_clients(put(tmp_path, HEADER, ACME), tmp_path)
    assert [p.client for p in result.problems] == ["acme"]
    assert (tmp_path / "acme.toml").read_text(encoding="utf-8") == "id = \n"


@pytest.mark.parametrize(
    ("old", "new", "column", "wrong", "right"),
    [
        ("DE;de", "UK;de", "country", "'UK' is no country", '"GB"'),
        ("EUR", "", "currency", "is empty", "Fill in the column currency."),
        ("acme;", "ACME;", "id", "cannot be an id", "small Latin letters"),
        ("acme;", ";", "id", "is empty", "Fill in the column id."),
        ("95,00", "abc", "rate", "'abc' is no number", '"95.00"'),
        ("95,00", '"1.234,50"', "rate", "is no number", '"95.00"'),
        ("95,00", "0", "rate", "is 0", "above 0"),
        ("95,00", "", "rate", "is empty", "both rate and rate_from"),
        ("01.01.2026", "", "rate_from", "is empty", "both rate and rate_from"),
        ("01.01.2026", "1/2/2026", "rate_from", "'1/2/2026', no date", "2026-01-31"),
        ("01.01.2026", "31.02.2026", "rate_from", "no date", "2026-01-31"),
        ("a@acme.example;b", "a@acme.example;b c", "emails", "no e-mail", "@"),
    ],
)
def test_a_faulty_line_names_itself_its_column_and_what_would_be_right(
    tmp_path: Path, old: str, new: str, column: str, wrong: str, right: str
) -> None:
    """The other line is written all the same. Line 4 counts the blank and the two-line cell above."""
    assert old in ACME
    two_lines = BEST.replace("ул. 1", '"ул. 1;\nдом 2"')
    result = import_clients(put(tmp_path, HEADER, two_lines, ACME.replace(old, new, 1)), tmp_path)
    assert result.written == ("best",)
    assert len(result.problems) == 1
    assert result.problems[0].source == "file:clients.csv:4"
    assert result.problems[0].message.startswith(f"clients.csv (line 4, {column}) ")
    assert wrong in result.problems[0].message
    assert right in result.problems[0].next_step


@pytest.mark.parametrize(
    ("header", "cell", "wrong"),
    [
        ("payment_days", "ten", "is text, not a whole number"),
        ("comments", "maybe", "'maybe'"),
        ("contract_date", "soon", "no date"),
        ("documents", "bill", "no list of documents"),
    ],
)
def test_cells_of_other_kinds_are_checked(tmp_path: Path, header: str, cell: str, wrong: str) -> None:
    lines = (f"id;name;address;country;language;currency;{header}", f"acme;A;W;DE;de;EUR;{cell}")
    result = import_clients(put(tmp_path, *lines), tmp_path)
    assert result.written == ()
    assert [wrong in p.message for p in result.problems] == [True]


def test_other_columns_are_written(tmp_path: Path) -> None:
    lines = (
        "id,name,address,country,language,currency,comments,contract_date,documents,draft,per_hour,from",
        "acme,A,W,DE,de,EUR,Yes,2026-01-31,invoice;act,no,95,2026-02-01",
    )
    assert import_clients(put(tmp_path, *lines), tmp_path).problems == ()
    table = tomllib.loads((tmp_path / "acme.toml").read_text(encoding="utf-8"))
    assert (table["comments"], table["draft"], table["documents"]) == (True, False, ["invoice", "act"])
    assert table["contract_date"] == date(2026, 1, 31)
    assert table["rates"] == [{"from": date(2026, 2, 1), "per_hour": "95"}]


def test_an_id_that_comes_twice_is_told(tmp_path: Path) -> None:
    result = import_clients(put(tmp_path, HEADER, ACME, ACME.replace("GmbH", "AG")), tmp_path)
    assert result.written == ("acme",)
    assert [p.message for p in result.problems] == ["clients.csv (line 3, id) is 'acme' again, as in line 2."]
    assert "ACME GmbH" in (tmp_path / "acme.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lines", "line", "wrong", "right"),
    [
        (["", " ; "], None, "is empty", "header"),
        (["name;country", "A;DE"], 1, "no column id", "header"),
        (["id;nmae", "a;A"], 1, "unknown column 'nmae'", "Did you mean name?"),
        (["id;xyzzy", "a;A"], 1, "unknown column 'xyzzy'", "Known columns: id, name"),
        (["id;name;name", "a;A;A"], 1, "column 'name' twice", "one of them"),
        (["id;name", "a;A;too much"], 2, "3 cells, the header 2", 'hold a ";"'),
        (["id;name", 'a;"A'], 2, "is no table", "Save it again"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_whole(
    tmp_path: Path, lines: list[str], line: int | None, wrong: str, right: str
) -> None:
    with pytest.raises(InputFileError) as caught:
        import_clients(put(tmp_path, *lines), tmp_path)
    assert caught.value.line == line
    assert wrong in caught.value.wrong
    assert right in caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["clients.csv"]


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        import_clients(tmp_path / "nothing.csv", tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    path = put(tmp_path, HEADER, ACME)
    with pytest.raises(FilesystemError):
        import_clients(path, path / "clients")
