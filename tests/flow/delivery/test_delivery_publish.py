"""Originals are kept, copies stand behind links that can be taken back, and a killed run is finished by the next."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery.links import token
from studio_support.delivery.publish import Places, Publication, Publisher
from studio_support.delivery.stored import StoredInvoice
from studio_support.errors import Refused, StudioError
from tests.publishers import SECRET, Printer, documents, places_in, publishing, run, tree


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return places_in(tmp_path)


@pytest.fixture
def publisher(books: Any, places: Places, printer: Printer) -> Publisher:
    return publishing(books, places, printer)


def test_a_document_is_kept_and_published_behind_its_link(
    books: Any, places: Places, publisher: Publisher, printer: Printer
) -> None:
    first = books.issue(published=False)

    assert run(books, publisher) == Publication(published=("2026-0001",))

    name = token(SECRET, books.store.id, first, 1)
    (stored,) = documents(books)
    assert publisher.link(stored) == f"https://invoices.studio.example/{name}/invoice.html"
    original = places.files / "originals" / "2026"
    assert tree(original) == {"2026-0001.pdf": b"%PDF 2026-0001 first", "2026-0001.html": b"<p>2026-0001 first</p>"}
    folder = places.directory / name
    assert tree(folder) == {"invoice.pdf": b"%PDF 2026-0001 first", "invoice.html": b"<p>2026-0001 first</p>"}
    assert (stored.document.number, stored.document.gross) == ("2026-0001", Decimal("1130.50"))
    # sha256sum over the two texts above
    assert stored.pdf_sha256 == "9611504f193a91fc6989ff675855b73b59f8e779108c739fe3ca4a154bb96cc8"
    assert stored.page_sha256 == "4fb7c78cf3f5c5dc0c3c2e994621c557c6a48f6b30204af946c8b00bb21bfd68"


def test_the_owner_alone_reads_originals_and_everybody_reads_copies(
    books: Any, places: Places, publisher: Publisher
) -> None:
    books.issue(published=False)
    before = os.umask(0o077)
    try:
        run(books, publisher)
    finally:
        os.umask(before)

    def modes(folder: Path) -> set[tuple[bool, int]]:
        return {(path.is_dir(), path.stat().st_mode & 0o777) for path in folder.rglob("*") if path.name[0] != "."}

    assert modes(places.files) == {(True, 0o700), (False, 0o600)}
    assert modes(places.directory) == {(True, 0o755), (False, 0o644)}
    assert places.directory.stat().st_mode & 0o777 == 0o711, "whoever could list it would have every link"
    assert (places.directory / ".studio-support-store").stat().st_mode & 0o777 == 0o600


def test_a_second_run_renders_and_writes_nothing(
    books: Any, places: Places, publisher: Publisher, printer: Printer
) -> None:
    books.issue(published=False)
    run(books, publisher)
    times = {path: path.stat().st_mtime_ns for path in places.directory.rglob("*")}

    assert run(books, publisher) == Publication()
    assert printer.rendered == ["2026-0001"]
    assert {path: path.stat().st_mtime_ns for path in places.directory.rglob("*")} == times


def test_copies_that_were_wiped_or_changed_come_back_from_the_originals(
    books: Any, places: Places, publisher: Publisher, printer: Printer
) -> None:
    for _ in range(3):
        books.issue(published=False)
    run(books, publisher)
    whole = tree(places.directory)
    one, two, _ = (places.directory / publisher.token(document) for document in documents(books))
    shutil.rmtree(one)
    (two / "invoice.html").write_bytes(b"defaced")

    assert run(books, publisher) == Publication(restored=("2026-0001", "2026-0002"))
    assert tree(places.directory) == whole
    assert len(printer.rendered) == 3


def test_an_original_that_was_lost_is_rendered_again_when_it_comes_out_the_same(
    books: Any, places: Places, publisher: Publisher
) -> None:
    books.issue(published=False)
    run(books, publisher)
    whole = tree(places.files)
    (places.files / "originals" / "2026" / "2026-0001.pdf").unlink()

    assert run(books, publisher) == Publication(restored=("2026-0001",))
    assert tree(places.files) == whole


def test_an_original_that_was_lost_comes_back_from_its_published_copy(
    books: Any, places: Places, publisher: Publisher, printer: Printer
) -> None:
    """Though the look has changed since, and a document is drawn otherwise now."""
    books.issue(published=False)
    run(books, publisher)
    whole = tree(places.files)
    (places.files / "originals" / "2026" / "2026-0001.pdf").unlink()
    printer.edition = "second"

    assert run(books, publisher) == Publication(restored=("2026-0001",))
    assert tree(places.files) == whole
    assert printer.rendered == ["2026-0001"]


@pytest.mark.parametrize("copy", ["gone", "changed"])
@pytest.mark.parametrize("lost", ["2026-0001.pdf", "2026-0001.html"])
def test_what_was_issued_is_never_replaced_by_another_rendering(
    books: Any, places: Places, publisher: Publisher, printer: Printer, copy: str, lost: str
) -> None:
    """The look has changed since, and no copy is left to restore it from: it says so, and the others go on."""
    books.issue(published=False)
    run(books, publisher)
    original = places.files / "originals" / "2026" / lost
    folder = places.directory / publisher.token(documents(books)[0])
    original.unlink()
    if copy == "gone":
        shutil.rmtree(folder)
    else:
        (folder / "invoice.pdf").write_bytes(b"changed")
    printer.edition = "second"
    books.issue(published=False)
    published = tree(places.directory)

    outcome = run(books, publisher)

    assert outcome.published == ("2026-0002",)
    (problem,) = outcome.problems
    assert (problem.source, problem.client) == ("invoice:2026-0001", "acme")
    assert problem.message == (
        f"The original {original} is missing, and would be drawn otherwise now than it was issued."
    )
    assert "[seller.look] as it was" in problem.next_step
    assert not original.exists()
    assert published.items() <= tree(places.directory).items()


def test_an_original_that_was_changed_is_told_from_one_that_is_missing(
    books: Any, places: Places, publisher: Publisher, printer: Printer
) -> None:
    """Nothing is written over it."""
    books.issue(published=False)
    run(books, publisher)
    original = places.files / "originals" / "2026" / "2026-0001.pdf"
    original.write_bytes(b"changed")
    shutil.rmtree(places.directory / publisher.token(documents(books)[0]))
    printer.edition = "second"

    (problem,) = run(books, publisher).problems

    assert problem.message == f"The original {original} is not what was issued."
    assert problem.next_step.startswith("Restore that file from a backup, or move it away")
    assert original.read_bytes() == b"changed"


def test_an_original_of_the_same_number_with_other_bytes_is_left_alone(
    books: Any, places: Places, publisher: Publisher
) -> None:
    """A store restored from a backup gives a number out again; the paper of the first one is still there."""
    original = places.files / "originals" / "2026" / "2026-0001.pdf"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"%PDF of another life")
    books.issue(published=False)

    outcome = run(books, publisher)

    assert [problem.source for problem in outcome.problems] == ["invoice:2026-0001"]
    assert original.read_bytes() == b"%PDF of another life"
    assert [document.pdf_sha256 for document in documents(books)] == [None]
    assert sorted(path.name for path in places.directory.iterdir()) == [".studio-support-store"]


def test_a_document_that_cannot_be_drawn_parks_itself_only(books: Any, places: Places) -> None:
    books.issue(published=False)
    books.issue(published=False)

    def render(invoice: StoredInvoice) -> tuple[bytes, str]:
        if invoice.number == "2026-0001":
            raise StudioError("no glyph for U+1F3A8")
        return b"%PDF", "<p>"

    told: list[tuple[str, str]] = []
    outcome = publishing(books, places, render).publish_pending(
        documents(books), lambda invoice, done: told.append((invoice.number, done))
    )
    assert outcome.published == ("2026-0002",)
    assert told == [("2026-0001", "parked"), ("2026-0002", "published")]
    assert "no glyph for U+1F3A8" in outcome.problems[0].message


def test_a_link_taken_back_is_taken_down_and_the_original_stays(
    books: Any, places: Places, publisher: Publisher
) -> None:
    first = books.issue(published=False)
    books.issue(published=False)
    run(books, publisher)
    originals = tree(places.files)
    books.change(first, state="cancelled", link_live=False)

    assert publisher.publish_pending([]) == Publication(removed=1)  # whichever documents are looked at
    assert run(books, publisher) == Publication()

    assert [publisher.link(document) is None for document in documents(books)] == [True, False]
    live = publisher.token(documents(books, "2026-0002")[0])
    assert {path.name for path in places.directory.iterdir()} == {live, ".studio-support-store"}
    assert tree(places.files) == originals


def test_a_new_generation_replaces_the_link(books: Any, places: Places, publisher: Publisher) -> None:
    first = books.issue(published=False)
    run(books, publisher)
    books.change(first, link_generation=3)

    assert run(books, publisher) == Publication(restored=("2026-0001",), removed=1)
    names = {path.name for path in places.directory.iterdir() if path.is_dir()}
    assert names == {token(SECRET, books.store.id, first, 3)}


def test_a_document_cancelled_before_it_was_published_is_kept_but_not_published(
    books: Any, places: Places, publisher: Publisher
) -> None:
    books.issue(published=False, state="cancelled", link_live=False)
    assert run(books, publisher) == Publication()
    assert len(tree(places.files)) == 2
    assert [path.name for path in places.directory.iterdir()] == [".studio-support-store"]
    assert documents(books)[0].pdf_sha256 is not None


def test_a_link_taken_back_while_it_is_published_is_taken_down_at_once(books: Any, places: Places) -> None:
    first = books.issue(published=False)

    def render(invoice: StoredInvoice) -> tuple[bytes, str]:
        books.change(first, link_live=False)
        return b"%PDF", "<p>"

    publisher = publishing(books, places, render)
    assert run(books, publisher) == Publication()
    assert [path.name for path in places.directory.iterdir()] == [".studio-support-store"]


def test_folders_that_are_not_ours_are_left_alone(books: Any, places: Places, publisher: Publisher) -> None:
    books.issue(published=False)
    places.directory.mkdir()
    (places.directory / "robots.txt").write_bytes(b"User-agent: *\n")
    (places.directory / ("x" * 43)).mkdir()
    run(books, publisher)
    assert (places.directory / "robots.txt").exists()
    assert (places.directory / ("x" * 43)).exists()


def test_another_stores_folder_is_refused_untouched(books: Any, places: Places, publisher: Publisher) -> None:
    books.issue(published=False)
    places.directory.mkdir()
    marker = places.directory / ".studio-support-store"
    for content in (b'{"store": "another", "secret": "x"}\n', b"\xff\xfe garbage", b"[]", b""):
        marker.write_bytes(content)
        with pytest.raises(Refused, match="another store"):
            run(books, publisher)
        assert tree(places.directory) == {".studio-support-store": content}
    assert not places.files.exists()


def test_another_secret_is_refused_while_the_old_links_stand(
    books: Any, places: Places, publisher: Publisher, printer: Printer
) -> None:
    books.issue(published=False)
    run(books, publisher)
    published = tree(places.directory)
    other = publishing(books, replace(places, secret=SECRET[::-1]), printer)
    with pytest.raises(Refused, match="another secret"):
        run(books, other)
    assert tree(places.directory) == published


def test_the_folder_can_be_asked_for_before_anything_is_numbered(
    books: Any, places: Places, publisher: Publisher
) -> None:
    publisher.prepare()
    assert [path.name for path in places.directory.iterdir()] == [".studio-support-store"]
    (places.directory / ".studio-support-store").write_bytes(b'{"store": "another"}')
    with pytest.raises(Refused, match="another store"):
        publisher.prepare()


def test_the_secret_is_not_shown(places: Places) -> None:
    assert SECRET.decode() not in repr(places)


def test_a_short_secret_is_refused_before_anything_is_written(books: Any, places: Places, printer: Printer) -> None:
    with pytest.raises(ValueError, match="32"):
        publishing(books, replace(places, secret=b"short"), printer)
