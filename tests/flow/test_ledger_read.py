"""What the ledger tells: by key, through indexes, of just what was asked."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.ledger import Ledger
from studio_support.billing.ledger_facts import ReadFacts
from studio_support.billing.ledger_view import Allocation
from studio_support.billing.month_plan import SetAside
from studio_support.billing.terms import Rounding, Seller
from studio_support.errors import UnknownEntry, UnknownInvoice
from studio_support.model import Person
from studio_support.period import Month
from studio_support.store.tables import allocations
from studio_support.testing.drafts import NOW, OCTOBER, SELLER, draft, entry, order

NOVEMBER = Month(2026, 11)
DAY = date(2026, 11, 2)


@contextmanager
def plans(ledger: Ledger) -> Iterator[list[str]]:
    """SQLite's plan of every statement that touches allocations while the block runs."""
    seen: list[str] = []
    busy = False

    def executed(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        nonlocal busy
        if busy or many or "allocations" not in statement or statement.startswith("INSERT"):
            return
        busy = True
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        seen.extend(str(row[3]) for row in cursor.fetchall())
        busy = False

    event.listen(ledger.store.engine, "before_cursor_execute", executed)
    yield seen
    event.remove(ledger.store.engine, "before_cursor_execute", executed)


def test_no_query_scans_the_allocations(ledger: Ledger) -> None:
    with plans(ledger) as seen:
        ledger.issue(order(draft("acme", entry(1)), late_since=NOW))
        ledger.issue(order(draft("beta", entry("csv:9")), source="csv"))
        ledger.issue(order(draft("beta", entry("csv:1", spent_on=date(2026, 11, 2)), month=NOVEMBER), source="csv"))
        ledger.cancel("2026-0001", reason="r", person="a", now=NOW, issue_date=DAY, seller=SELLER)
        ledger.view(OCTOBER, ["acme", "beta"], ["1", "2"])
        ledger.oldest_mark(["acme", "beta"])
        ledger.allocations_of(["1"])
        list(ledger.allocations_in_month(OCTOBER))
        ledger.explain_entry("1")
        internal(ledger, entry(5))
    touching = [step for step in seen if "allocations" in step or "freed" in step or "again" in step]
    assert len(touching) >= 8
    assert [step for step in touching if step.startswith("SCAN")] == []


def test_more_keys_than_fit_into_one_query_are_asked_in_batches(ledger: Ledger) -> None:
    rows = [entry(number) for number in range(1, 1300)]
    ledger.issue(order(draft("acme", *rows)))
    known = ledger.view(OCTOBER, [f"c{number}" for number in range(1200)] + ["acme"], [row.id for row in rows])
    assert len(known.allocations) == 1299
    assert set(known.closed) == {"acme"}
    assert known.allocations["1299"].fingerprint == fingerprint(rows[-1])


def test_the_past_costs_no_memory(ledger: Ledger) -> None:
    """A view of one client's month allocates the same whether the store holds nothing else or 50,000 other rows."""
    ledger.issue(order(draft("acme", entry(1))))

    def peak() -> int:
        """The least of three, so that what is made once (compiled statements, a connection) does not count."""
        used = []
        for _ in range(3):
            tracemalloc.start()
            ledger.view(NOVEMBER, ["acme"], [str(number) for number in range(2000)])
            used.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        return min(used)

    alone = peak()
    past = [
        {"entry": f"p{number}", "closing_id": 1, "placed": "goodwill", "minutes": 1, "spent_on": date(2020, 1, 1)}
        | {"fingerprint": "0" * 16, "open": True}
        for number in range(50_000)
    ]
    with ledger.store.writing() as connection:
        connection.execute(insert(allocations), past)
    del past
    assert peak() < alone * 1.05


def internal(ledger: Ledger, *rows: Any, source: Any = "redmine") -> int:
    return ledger.set_internal(
        OCTOBER,
        [SetAside(row, None, "internal", "project backoffice") for row in rows],
        source=source,
        read_started_at=NOW,
        late_since=None,
        read_id=None,
        person="i.petrova",
        now=NOW,
    )


def test_internal_time_is_recorded_once_and_added_to(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    assert internal(ledger, entry(1), entry(2), entry(3)) == 2  # the first stands on an invoice already
    assert internal(ledger, entry(2), entry(3)) == 0
    assert internal(ledger, entry(2), entry(4)) == 1
    assert internal(ledger) == 0
    known = ledger.allocations_of(["2", "4"])
    assert {(row.entry, row.client) for row in known.values()} == {("2", ""), ("4", "")}
    assert [row.verb for row in ledger.audit_rows("month:2026-10")] == ["set internal", "set internal"]


def test_internal_time_of_another_source_is_not_added_again(ledger: Ledger) -> None:
    assert internal(ledger, entry(2)) == 1
    assert internal(ledger, entry("csv:2"), source="csv") == 0
    assert ledger.allocations_of(["csv:2"]) == {}


def test_places_of_a_month_are_found_by_day_whatever_invoice_they_stand_on(ledger: Ledger) -> None:
    october, november = date(2026, 10, 31), date(2026, 11, 1)
    ledger.issue(order(draft("acme", entry(1, spent_on=october))))
    made = draft("beta", entry(2, spent_on=november), entry(3, 7, spent_on=october), month=NOVEMBER)
    ledger.issue(order(made))
    ledger.issue(order(draft("gone", entry(4, spent_on=october))))
    ledger.cancel("2026-0003", reason="r", person="a", now=NOW, issue_date=DAY, seller=SELLER)
    found = list(ledger.allocations_in_month(OCTOBER))
    assert [row.entry for row in found] == ["1", "3"]
    assert found[1] == Allocation("3", "beta", NOVEMBER, "2026-0002", 1, 7, october, found[1].fingerprint)
    assert [row.entry for row in ledger.allocations_in_month(NOVEMBER)] == ["2"]


def test_an_entry_is_explained_with_its_past(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1, 90, user="Ann"))))
    ledger.cancel("2026-0001", reason="r", person="a", now=NOW, issue_date=DAY, seller=SELLER)
    ledger.issue(order(draft("beta", entry(1, 45, user="Ann"))))
    now, before = ledger.explain_entry("1")
    assert (now.open, now.number, now.client, now.minutes, now.line) == (True, "2026-0003", "beta", 45, 1)
    assert (before.open, before.number, before.client, before.minutes) == (False, "2026-0001", "acme", 90)
    assert (before.facts["minutes"], before.facts["user"], before.facts["spent_on"]) == (90, "Ann", "2026-10-05")
    assert (now.source, now.closed_by, now.closed_at) == ("redmine", "i.petrova", NOW)


def test_a_set_aside_entry_is_explained(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1), set_aside=((entry(2), "goodwill", "gift"),))))
    ledger.issue(order(draft("beta", set_aside=((entry(3), "fixed", "package"),))))
    (with_invoice,) = ledger.explain_entry("2")
    assert (with_invoice.placed, with_invoice.reason, with_invoice.number) == ("goodwill", "gift", None)
    assert with_invoice.facts["as"] == "goodwill"
    (without,) = ledger.explain_entry("3")
    assert (without.placed, without.facts) == ("fixed", {})
    with pytest.raises(UnknownEntry):
        ledger.explain_entry("4")


def test_an_invoice_is_kept_whole_with_what_it_was_made_from(ledger: Ledger) -> None:
    made = order(
        draft("acme", entry(1, 90, comments="secret words"), set_aside=((entry(2), "fixed", "package"),)),
        rounding=Rounding(15, "up", "entry"),
        rules={"max": 24},
    )
    issued = ledger.issue(made)
    assert issued.number is not None
    stored = ledger.invoice(issued.number)
    assert made.invoice is not None
    assert stored.document == type(made.invoice)(**{**_fields(made.invoice), "number": "2026-0001"})
    assert stored.basis["rounding"] == {"increment_minutes": 15, "mode": "up", "per": "entry"}
    assert stored.basis["rules"] == {"max": 24}
    assert stored.basis["lines"][0]["rate_source"] == "clients/x.toml: rates[1]"
    assert stored.basis["lines"][0]["people"] == ["Ann"]
    one, two = stored.basis["entries"]
    assert (one["id"], one["minutes"], one["line"], one["fingerprint"]) == ("1", 90, 1, fingerprint(entry(1, 90)))
    assert (two["id"], two["line"], two["as"], two["reason"]) == ("2", None, "fixed", "package")
    assert len(one["comments"]) == 16
    assert "secret" not in str(stored.basis)
    with pytest.raises(UnknownInvoice):
        ledger.invoice("2026-0002")


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_invoices_are_listed_by_month_and_client(ledger: Ledger) -> None:
    for number, (client, month) in enumerate((("acme", OCTOBER), ("beta", OCTOBER), ("acme", NOVEMBER))):
        ledger.issue(order(draft(client, entry(number, spent_on=month.first_day), month=month)))
    assert [row.number for row in ledger.invoices()] == ["2026-0001", "2026-0002", "2026-0003"]
    assert [row.number for row in ledger.invoices(OCTOBER)] == ["2026-0001", "2026-0002"]
    assert [row.number for row in ledger.invoices(client="acme")] == ["2026-0001", "2026-0003"]
    assert [row.number for row in ledger.invoices(NOVEMBER, "beta")] == []


def test_what_has_no_files_yet_is_listed_until_it_has(ledger: Ledger) -> None:
    first = ledger.issue(order(draft("acme", entry(1))))
    ledger.issue(order(draft("beta", entry(2))))
    assert first.invoice_id is not None
    ledger.files_made(first.invoice_id, "a" * 64, "b" * 64)
    assert [row.number for row in ledger.unpublished()] == ["2026-0002"]
    assert ledger.invoice("2026-0001").row.pdf_sha256 == "a" * 64
    assert ledger.revoked_links() == []


def test_a_kept_read_is_recorded_once(ledger: Ledger) -> None:
    facts = ReadFacts(OCTOBER, "redmine", NOW, "c" * 64, "reads/x.jsonl.gz", "pages and CSV agree", 3, 5)
    first = ledger.record_read(facts)
    assert ledger.record_read(facts) == first
    other = ReadFacts(OCTOBER, "redmine", NOW, "d" * 64, "reads/y.jsonl.gz", "pages and CSV agree", 3, 5)
    assert ledger.record_read(other) != first


def test_people_are_remembered_under_their_present_name(ledger: Ledger) -> None:
    people = [Person(7, "Ann Ivanova", "ann"), Person(8, "Bob", None), Person(None, "Nobody", None)]
    assert ledger.remember_people(people, NOW) == 2
    assert ledger.remember_people(people, NOW) == 0
    assert ledger.remember_people([Person(7, "Ann Petrova", None)], NOW) == 1
    assert ledger.known_people() == (Person(7, "Ann Petrova", "ann"), Person(8, "Bob", None))
    assert ledger.view(OCTOBER, [], []).people == ledger.known_people()
    assert ledger.remember_people([], NOW) == 0


def test_specialists_are_remembered_for_their_client(ledger: Ledger) -> None:
    made = order(draft("acme", entry(1)))
    made = order(type(made.draft)(**{**_fields(made.draft), "specialists": (("a.ivanova", "#7"), ("Bob", "#8"))}))
    ledger.issue(made)
    later = draft("acme", entry(2, spent_on=date(2026, 11, 2)), month=NOVEMBER)
    ledger.issue(order(type(later)(**{**_fields(later), "specialists": (("Bob", "#9"),)})))
    assert ledger.view(OCTOBER, ["acme"], []).specialists == {("acme", "a.ivanova"): "#7", ("acme", "Bob"): "#9"}
    assert ledger.view(OCTOBER, ["beta"], []).specialists == {}


def test_a_series_begins_anew_each_year_and_a_kept_one_is_continued_once(ledger: Ledger) -> None:
    seller = Seller("", SELLER.party, first_number=58)
    days = (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 11), date(2027, 1, 12))
    numbers = [
        ledger.issue(order(draft(f"c{place}", entry(place)), seller=seller, issue_date=day)).number
        for place, day in enumerate(days)
    ]
    assert numbers == ["2026-0058", "2026-0059", "2027-0001", "2027-0002"]
    assert [(row.year, row.first_number, row.next_number) for row in ledger.series_rows()] == [
        (2026, 58, 60),
        (2027, 1, 3),
    ]


def test_a_running_series_goes_on_across_the_years(ledger: Ledger) -> None:
    seller = Seller("", SELLER.party, number_format="{number:05d}", yearly=False)
    days = (date(2026, 12, 31), date(2027, 1, 11))
    numbers = [
        ledger.issue(order(draft(f"c{place}", entry(place)), seller=seller, issue_date=day)).number
        for place, day in enumerate(days)
    ]
    assert numbers == ["00001", "00002"]
    assert [(row.year, row.next_number) for row in ledger.series_rows()] == [(0, 3)]


def test_sellers_number_apart(ledger: Ledger) -> None:
    german = Seller("de", SELLER.party, number_format="DE-{year}-{number:03d}")
    assert ledger.issue(order(draft("a", entry(1)))).number == "2026-0001"
    assert ledger.issue(order(draft("b", entry(2)), seller=german)).number == "DE-2026-001"
    assert ledger.issue(order(draft("c", entry(3)))).number == "2026-0002"


def test_the_audit_log_is_told_in_order_with_its_person(ledger: Ledger) -> None:
    ledger.write_audit("i.petrova", "send", "invoice:2026-0001", {"to": "a@acme.example"}, NOW)
    ledger.write_audit("cron", "send", "invoice:2026-0002", "plain words", NOW + timedelta(seconds=1))
    one, two = ledger.audit_rows()
    assert (one.person, one.verb, one.subject, one.detail) == (
        "i.petrova",
        "send",
        "invoice:2026-0001",
        '{"to": "a@acme.example"}',
    )
    assert (two.person, two.detail, two.at) == ("cron", "plain words", NOW + timedelta(seconds=1))
    with pytest.raises(ValueError, match="names a person"):
        ledger.write_audit(" ", "send", "invoice:2026-0002", "", NOW)
