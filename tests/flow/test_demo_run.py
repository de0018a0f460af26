"""The demo: a whole month end in an empty folder, the same everywhere, safe to repeat. Sums are worked by hand."""

from __future__ import annotations

import csv
import shutil
import stat
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from studio_support.demo.run import CLOSED_AT, MONTH, DemoResult, run_demo
from studio_support.errors import Refused
from studio_support.studio import Source, Studio

pytestmark = pytest.mark.xdist_group("test_demo_run")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return run_demo(tmp_path_factory.mktemp("demo") / "a folder", person="i.petrova")


@pytest.fixture
def folder(result: DemoResult, tmp_path: Path) -> Path:
    """A copy of the finished demo, to be changed."""
    return Path(shutil.copytree(result.folder, tmp_path / "moved"))


def draft(result: DemoResult, client: str) -> dict[str, Any]:
    [found] = [dict(one) for one in result.closed.drafts if one["client"] == client]
    return found


def file_of(link: str) -> Path:
    parts = urlsplit(link)
    assert parts.scheme == "file"
    return Path(unquote(parts.path))


CLIENTS = {"acme", "beresta", "harbour", "nordlicht", "orlov", "polar", "zvezda", "zvezda-retail"}


def test_every_client_gets_one_invoice_and_two_series_begin_at_one(result: DemoResult) -> None:
    """September takes five numbers of the first series and three of the second; so does October."""
    assert result.closed.created == 8
    assert {one["client"] for one in result.closed.drafts} == CLIENTS
    assert {str(one["number"]) for one in result.closed.drafts} == {
        *(f"2026-{number:04d}" for number in range(6, 11)),
        *(f"B2026-{number:04d}" for number in range(4, 7)),
    }
    series = {row["seller"]: (row["first"], row["last"], row["documents"]) for row in result.numbers.series}
    assert series == {"(seller)": ("2026-0001", "2026-0010", 10), "berlin": ("B2026-0001", "B2026-0006", 6)}
    assert result.numbers.problems == ()


def test_prices_with_the_tax_in_them(result: DemoResult) -> None:
    """10:05, 1:55, 1:25 and 0:20 at 2500 gross are 34375.00; 22/122 of it are 6198.77. 0:35 are under guarantee."""
    orlov = draft(result, "orlov")
    assert [(line["minutes"], line["gross"]) for line in orlov["lines"] if line["label"] is None] == [
        (605, "25208.33"),
        (115, "4791.67"),
        (85, "3541.67"),
        (20, "833.33"),
    ]
    assert (orlov["gross"], orlov["tax"], orlov["net"]) == ("34375.00", "6198.77", "28176.23")
    [free] = [line for line in orlov["lines"] if line["label"] is not None]
    assert (free["label"], free["booked_minutes"], free["minutes"], free["net"]) == (
        "По гарантии, бесплатно",
        35,
        0,
        "0.00",
    )


def test_tasks_are_rounded_up_to_quarters_of_an_hour_where_that_was_agreed(result: DemoResult) -> None:
    """0:17 + 0:08 for the certificate are 0:25, charged as 0:30."""
    lines = [line for line in draft(result, "polar")["lines"] if line["label"] is None]
    assert [line["minutes"] % 15 for line in lines] == [0] * len(lines)
    [certificate] = [line for line in lines if line["issue"] == 4817]
    assert (certificate["booked_minutes"], certificate["minutes"], certificate["net"]) == (25, 30, "1300.00")


def test_late_time_stands_under_its_own_heading(result: DemoResult) -> None:
    """3:30 and 1:45 at 95 and 1:10 of design at 105, booked for September in October."""
    late = [line for line in draft(result, "nordlicht")["lines"] if line["heading"] == "earlier months"]
    assert sorted((line["minutes"], line["rate_per_hour"], line["net"]) for line in late) == [
        (70, "105.00", "122.50"),
        (315, "95.00", "498.75"),
    ]
    assert {line["last_day"] for line in late} == {"2026-09-30"}


def test_no_tax_across_the_border_and_the_payer_of_a_shared_project(result: DemoResult) -> None:
    """7:05, 7:15, 2:00, 4:25 and 0:20 at 92.50 an hour; two bonus bookings of 3:35 for the retail company only."""
    harbour = draft(result, "harbour")
    assert [line["net"] for line in harbour["lines"]] == ["655.21", "670.63", "185.00", "408.54", "30.83"]
    assert (harbour["net"], harbour["tax"], harbour["gross"]) == ("1950.21", "0.00", "1950.21")
    assert [row["category"] for row in harbour["taxes"]] == ["AE"]
    issues = {name: {line["issue"] for line in draft(result, name)["lines"]} for name in ("zvezda", "zvezda-retail")}
    assert issues == {"zvezda": {4801, 4835}, "zvezda-retail": {4808, 4833, 4847}}


def test_a_new_price_and_a_price_of_ones_own(result: DemoResult) -> None:
    """From October on 2400, for the art director 3000: 1:50 on the basket are 4400.00, 8:00 of design 24000.00."""
    charged = [line for line in draft(result, "beresta")["lines"] if line["label"] is None]
    lines = {(line["issue"], line["specialist"]): (line["rate_per_hour"], line["net"]) for line in charged}
    assert lines[4790, "Анна Соколова"] == ("3000.00", "24000.00")
    assert lines[4797, "Игорь Петров"] == ("2400.00", "4400.00")
    assert "new rate" in draft(result, "beresta")["flags"]


def test_the_certificate_balances_and_one_project_is_left_to_be_settled(result: DemoResult) -> None:
    """2:40 + 3:10 + 1:45 for the café that no client lists; everything else has its place."""
    sums = result.certificate.minutes()
    bundled = files("studio_support.demo").joinpath("data", "redmine", "entries.csv").read_text("utf-8")
    times = [row["time"].split(":") for row in csv.DictReader(bundled.splitlines()) if row["spent_on"] >= "2026-10-01"]
    assert sums["booked"] == sum(int(hours) * 60 + int(minutes) for hours, minutes in times)
    assert result.certificate.balanced
    assert sums["unbilled"] == 455
    assert sums["booked"] == sum(minutes for place, minutes in sums.items() if place != "booked")
    assert [problem.source for problem in result.closed.problems] == ["project:Кафе «Маяк»"]
    assert result.closed.notices == ()


def test_every_link_opens_as_a_file_with_the_pdf_beside_it(result: DemoResult) -> None:
    for one in result.closed.drafts:
        page = file_of(str(one["link"]))
        assert str(one["number"]) in page.read_text("utf-8")
        assert (page.parent / "invoice.pdf").read_bytes().startswith(b"%PDF")
    assert result.index is not None
    assert result.index.is_file()


@pytest.mark.parametrize(
    ("client", "beside"),
    [
        ("beresta", {"act.pdf"}),
        ("harbour", {"timesheet.pdf", "timesheet.csv"}),
        ("nordlicht", {"invoice.xml"}),
        ("acme", set()),
    ],
)
def test_what_may_lie_beside_an_invoice_is_there_to_be_seen(result: DemoResult, client: str, beside: set[str]) -> None:
    """Behind the links to those three clients' invoices, each named on its page."""
    page = file_of(str(draft(result, client)["link"]))
    assert {path.name for path in page.parent.iterdir()} == {"invoice.html", "invoice.pdf"} | beside
    assert all(f'href="./{name}"' in page.read_text("utf-8") for name in beside)


def test_the_secret_stands_in_a_file_of_its_owner_and_nowhere_else(result: DemoResult) -> None:
    file = result.folder / "link-secret"
    secret = file.read_bytes().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(secret) == 64
    others = [path for path in result.folder.rglob("*") if path.is_file() and path != file]
    assert [path for path in others if secret in path.read_bytes()] == []


def test_two_demos_have_the_same_numbers_and_different_links(result: DemoResult, tmp_path: Path) -> None:
    other = run_demo(tmp_path)
    assert other.plan.plan == result.plan.plan

    def facts(one: DemoResult) -> list[dict[str, Any]]:
        return [{key: value for key, value in row.items() if key != "link"} for row in one.closed.drafts]

    assert facts(other) == facts(result)
    links = {str(row["link"]).split("/")[-2] for one in (other, result) for row in one.closed.drafts}
    assert len(links) == 16


def test_a_former_demo_is_done_again_without_harm_even_after_it_was_moved(result: DemoResult, folder: Path) -> None:
    again = run_demo(folder)
    assert again.former
    assert (again.closed.created, again.earlier, again.index) == (0, None, None)
    assert [row["number"] for row in again.closed.drafts] == [row["number"] for row in result.closed.drafts]
    for row in again.closed.drafts:
        assert file_of(str(row["link"])).is_relative_to(folder)
        assert file_of(str(row["link"])).is_file()
    assert again.numbers == result.numbers


def test_the_problem_can_be_settled_and_gives_one_more_invoice(result: DemoResult, folder: Path) -> None:
    """2:40 at 3000 are 8000.00; 3:10 + 1:45 = 4:55 at 2400 are 11800.00."""
    text = (folder / "clients" / "beresta.toml").read_text("utf-8")
    for old, new in (("beresta-site", "mayak"), ('"beresta"', '"mayak"'), ("Береста", "Маяк")):
        text = text.replace(old, new)
    (folder / "clients" / "mayak.toml").write_text(text, "utf-8")
    again = run_demo(folder)
    assert (again.closed.created, again.closed.problems) == (1, ())
    made = draft(again, "mayak")
    assert (made["number"], made["net"]) == ("2026-0011", "19800.00")
    assert again.certificate.settled
    assert {row["number"] for row in again.closed.drafts} == {row["number"] for row in result.closed.drafts} | {
        "2026-0011"
    }


def test_what_was_cancelled_in_september_does_not_stop_a_second_run(folder: Path) -> None:
    """A number of 1 October could not follow those of 2 November."""
    studio = Studio.from_file(folder / "studio-support.toml", clock=lambda: CLOSED_AT, person="x", environ={})
    studio.cancel("2026-0001", "wrong address")
    studio.store.close()
    again = run_demo(folder)
    assert again.closed.created == 0
    assert again.numbers.problems == ()


def test_the_kept_read_is_a_file_for_from(result: DemoResult, folder: Path) -> None:
    """--from takes it in a plain studio on the same files, without any environment."""
    studio = Studio.from_file(folder / "studio-support.toml", clock=lambda: CLOSED_AT, environ={})
    plan = studio.plan_month(MONTH, source=Source(file=folder / "redmine" / "2026-10.jsonl.gz"))
    assert set(plan.already) == CLIENTS
    assert {project.identifier for project in studio.projects(kept_read=result.reading(MONTH))} >= {"mayak", "zvezda"}
    studio.store.close()


def test_a_folder_with_something_else_in_it_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Refused, match="not empty"):
        run_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_settings_of_a_real_studio_are_refused(tmp_path: Path) -> None:
    (tmp_path / "studio-support.toml").write_text('[studio]\ntimezone = "Europe/Moscow"\n')
    with pytest.raises(Refused, match="not empty"):
        run_demo(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(Refused, match="is a file"):
        run_demo(tmp_path / "demo")


@pytest.mark.parametrize("calls", [1, 9, 17, 26, 34, 40])
def test_a_demo_that_was_broken_off_is_finished_by_the_next(result: DemoResult, tmp_path: Path, calls: int) -> None:
    """Eight clients are closed, published and drawn, then closed and published: 40 calls."""
    left = calls

    def interrupt(what: str, done: int, total: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_demo(tmp_path, progress=interrupt)
    again = run_demo(tmp_path)
    assert again.former
    assert again.numbers == result.numbers
    assert [row["number"] for row in again.closed.drafts] == [row["number"] for row in result.closed.drafts]
    assert all(file_of(str(row["link"])).is_file() for row in again.closed.drafts)
    assert again.certificate.minutes() == result.certificate.minutes()
