"""Who a rate row means: by login, name or id; remembered by id; whoever is not sure is a problem, never a fall."""

from __future__ import annotations

from datetime import date

import pytest

from studio_support.billing.people import ANONYMOUS, People, resolve_specialists
from studio_support.billing.terms import RateRow
from studio_support.model import Person, TimeEntry
from tests.months import ANN, BOB, JANUARY_1, D, client, entry, reading


def people(
    *entries: TimeEntry,
    known: tuple[Person, ...] = (ANN, BOB),
    remembered: tuple[Person, ...] = (),
    aliases: dict[str, str] | None = None,
    source: str = "redmine",
) -> People:
    return People.of(reading(*entries, people=known, source=source), remembered, aliases or {})


def resolved(who: People, text: str, before: str | None = None) -> tuple[str | None, str]:
    """Whom a row with this text means, and what is wrong with it."""
    row = RateRow(JANUARY_1, D(120), text, where="acme.toml: rates[2]")
    remembered = {} if before is None else {("acme", text): before}
    found, problems = resolve_specialists(client(rates=(row,)), who, remembered)
    return found.get(text), " ".join(problem.message for problem in problems)


def named(name: str, number: int | None = None) -> TimeEntry:
    """An entry of a person of whom a CSV tells the name only."""
    return entry(f"csv:{name}", user=name, user_id=number, project_id=None)


@pytest.mark.parametrize(
    "text", ["a.able", "A.Able", "Ann Able", "#7", "ann", "boss", "chief"], ids=lambda text: str(text)
)
def test_a_person_is_found_by_login_name_id_or_people_toml(text: str) -> None:
    aliases = {"ann": "#7", "boss": "a.able", "chief": "Ann Able"}
    assert resolved(people(aliases=aliases), text) == ("#7", "")


@pytest.mark.parametrize("text", ["c.new", "Ann", "ann able", "#77", "#", "#x", ""])
def test_a_row_that_names_nobody_is_a_problem_that_names_the_row(text: str) -> None:
    person, wrong = resolved(people(), text)
    assert person is None
    assert f'"{text}" (acme.toml: rates[2]) names nobody' in wrong


def test_a_name_with_two_bearers_is_a_problem_that_names_both() -> None:
    twin = Person(9, "Ann Able", "a.able2")
    person, wrong = resolved(people(known=(ANN, twin)), "Ann Able")
    assert person is None
    assert "names several people: #7, #9" in wrong
    assert resolved(people(known=(ANN, twin)), "a.able") == ("#7", "")


def test_who_only_stands_in_the_entries_is_known() -> None:
    """A key that may not list users still sees who booked."""
    assert resolved(people(entry(1, by=Person(5, "Eve Early"))), "Eve Early") == ("#5", "")
    assert resolved(people(entry(1, by=Person(5, "Eve Early"))), "#5") == ("#5", "")


def test_a_renamed_person_keeps_the_row_by_which_she_was_once_known() -> None:
    married = Person(7, "Ann Baker", "a.able")
    assert resolved(people(known=(married,)), "Ann Able", before="#7") == ("#7", "")
    assert resolved(people(known=(married,)), "Ann Able")[0] is None


def test_the_name_in_the_entries_counts_and_a_login_is_not_forgotten() -> None:
    """The store knows the login, Redmine tells the new name."""
    who = people(entry(1, by=Person(7, "Ann Baker")), known=(Person(7, "Ann Baker"),), remembered=(ANN,))
    assert resolved(who, "Ann Baker") == ("#7", "")
    assert resolved(who, "a.able") == ("#7", "")
    assert resolved(who, "Ann Able")[0] is None


def test_somebody_renamed_while_we_read_has_both_names() -> None:
    who = people(entry(1), entry(2, user="Ann Baker"))
    assert resolved(who, "Ann Able") == resolved(who, "Ann Baker") == ("#7", "")


def test_a_name_that_now_is_somebody_elses_is_a_problem() -> None:
    """#7 took another name and a newcomer bears the old one: nobody may get the price of the other in silence."""
    known = (Person(7, "Ann Baker", "a.baker"), Person(9, "Ann Able", "a.able"))
    for text in ("Ann Able", "a.able"):
        person, wrong = resolved(people(known=known), text, before="#7")
        assert person is None
        assert "was #7 so far and now names #9" in wrong


def test_a_second_bearer_of_a_remembered_name_is_a_problem() -> None:
    person, wrong = resolved(people(known=(ANN, Person(9, "Ann Able"))), "Ann Able", before="#7")
    assert person is None
    assert "was #7 so far and now names #9" in wrong


def test_all_rows_of_a_client_and_of_its_price_list_are_resolved_once_each() -> None:
    rows = (RateRow(JANUARY_1, D(1), "a.able"), RateRow(date(2026, 3, 1), D(2), "a.able"), RateRow(JANUARY_1, D(3)))
    made = client(rates=rows, price_list=(RateRow(JANUARY_1, D(4), "b.best"), RateRow(JANUARY_1, D(5), "gone")))
    found, problems = resolve_specialists(made, people(), {})
    assert found == {"a.able": "#7", "b.best": "#8"}
    assert [(problem.source, problem.client) for problem in problems] == [("client:acme", "acme")]
    assert "(clients/acme.toml)" in problems[0].message


def test_names_of_a_csv_are_those_of_known_people() -> None:
    who = people(named("Ann Able"), named("Cy Cole"), source="csv")
    assert who.key_of(named("Ann Able")) == "#7"
    assert who.key_of(named("Cy Cole")) == "Cy Cole"
    assert who.key_of(entry(1, by=BOB)) == "#8"
    assert resolved(who, "a.able") == ("#7", "")
    assert resolved(who, "Cy Cole") == ("Cy Cole", "")
    assert who.strangers == {"Cy Cole"}


def test_a_login_is_resolved_for_a_csv_through_store_or_people_toml_else_it_is_a_problem() -> None:
    booked = named("Cy Cole")
    assert resolved(people(booked, known=(), source="csv"), "c.cole")[0] is None
    assert resolved(people(booked, known=(), source="csv", aliases={"c.cole": "Cy Cole"}), "c.cole")[0] == "Cy Cole"
    assert resolved(people(booked, known=(), source="csv", remembered=(Person(4, "Cy Cole", "c.cole"),)), "c.cole") == (
        "#4",
        "",
    )


def test_people_toml_knows_people_who_booked_nothing_in_a_csv() -> None:
    """Else a client would be parked while his specialist is on leave."""
    aliases = {"c.cole": "Cy Cole", "ann": "a.able"}
    assert resolved(people(source="csv", aliases=aliases), "c.cole") == ("Cy Cole", "")
    assert resolved(people(aliases=aliases), "c.cole")[0] is None
    assert people(named("Cy Cole"), source="csv", aliases=aliases).strangers == frozenset()


def test_a_bare_name_becomes_an_id_once_there_is_one() -> None:
    """The first months came from CSV files, now there is Redmine: the same name is the same person."""
    assert resolved(people(), "Ann Able", before="Ann Able") == ("#7", "")


def test_a_bare_name_is_nobody_where_entries_carry_ids() -> None:
    """He who was known by name only has another name by now: the row would match none of his entries."""
    person, wrong = resolved(people(), "Cy Cole", before="Cy Cole")
    assert person is None
    assert "names nobody" in wrong


def test_a_name_borne_by_two_in_a_csv_is_nobodys() -> None:
    twins = (ANN, Person(9, "Ann Able"))
    who = people(named("Ann Able"), known=twins, source="csv")
    assert who.bearers("Ann Able") == 2
    assert who.key_of(named("Ann Able")) == "Ann Able"
    assert who.bearers("Cy Cole") == 0


def test_those_present_are_known_by_their_keys() -> None:
    assert people(entry(1, by=BOB)).present == {"#8"}
    assert people(named("Ann Able"), named("Cy Cole"), source="csv").present == {"#7", "Cy Cole"}


@pytest.mark.parametrize("name", ["Anonymous", "Anonym", "Аноним", "anonyme", "Ẩn danh"])
def test_deleted_users_are_known_in_many_languages(name: str) -> None:
    assert name.casefold() in ANONYMOUS
