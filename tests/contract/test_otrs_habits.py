"""Habits of Znuny that the client is built around: seen on the wire, on the fake here, on the lab's in tests/live.

A habit that a newer version loses shows here first; and the fake can have no habit that the real one has not.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from studio_support.testing import FakeZnuny


class Wire:
    """Calls as they go over the wire, as the agent `robot` unless another is named."""

    def __init__(self, base: str, passwords: dict[str, str]) -> None:
        self.base = base
        self.passwords = passwords
        self.numbers: list[str] = []

    def send(
        self, method: str, path: str, body: Any = None, *, user: str = "robot", **params: Any
    ) -> requests.Response:
        """One request; a text is sent as it is."""
        headers = {"X-OTRS-Header-UserLogin": user, "X-OTRS-Header-Password": self.passwords[user]}
        headers["Content-Type"] = "application/json; charset=utf-8"
        content = body if isinstance(body, str | None) else json.dumps(body)
        return requests.request(method, self.base + path, data=content, headers=headers, params=params, timeout=60)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of an answer, which is HTTP 200 in all cases."""
        answer = self.send(method, path, body, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def code(self, method: str, path: str, body: Any = None, **options: Any) -> str:
        """The code of an error."""
        return str(self.call(method, path, body, **options)["Error"]["ErrorCode"])

    def create(self, title: str = "A habit", *, customer: str = "jane@acme.test", **article: Any) -> tuple[str, str]:
        """A ticket; gives id and number."""
        told = {
            "Ticket": {
                "Title": title,
                "Queue": "Support",
                "State": "new",
                "Priority": "3 normal",
                "CustomerUser": customer,
            },
            "Article": {
                "Subject": title,
                "Body": "x",
                "ContentType": "text/plain; charset=utf-8",
                "AutoResponseType": "auto remove",
                **article,
            },
        }
        made = self.call("POST", "/Ticket", told)
        self.numbers.append(made["TicketNumber"])
        return str(made["TicketID"]), str(made["TicketNumber"])

    def get(self, ticket_id: str, **options: Any) -> dict[str, Any]:
        """A ticket with all articles."""
        told = {"TicketID": [ticket_id], "AllArticles": 1, "DynamicFields": 1, **options}
        [row] = self.call("POST", "/TicketList", told)["Ticket"]
        return dict(row)


NOTE = {"Subject": "n", "Body": "n", "ContentType": "text/plain; charset=utf-8", "AutoResponseType": "auto remove"}


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The fake's."""
    with FakeZnuny() as znuny:
        znuny.add_customer("jane@acme.test", "ACME", "Jane Doe")
        znuny.add_agent("petrova", "petrova-password", "Anna Petrova")
        base = f"{znuny.url}/nph-genericinterface.pl/Webservice/{znuny.web_service}"
        yield Wire(base, {agent.login: agent.password for agent in znuny.agents.values()})


class TestOtrsHabits:
    """The habits."""

    def test_what_the_server_does_not_know_it_ignores(self, wire: Wire) -> None:
        ticket_id, _ = wire.create()
        known = {"Title": "no such title", "Limit": 100_000}
        assert wire.call("POST", "/TicketSearch", known) == {}
        for unknown in (
            {"Body": "no such"},
            {"Subject": "no such"},
            {"Bogus": "x"},
            {"DynamicField_No": {"Equals": "x"}},
        ):
            assert ticket_id in wire.call("POST", "/TicketSearch", {**unknown, "Limit": 100_000})["TicketID"]

    def test_a_dynamic_field_is_searched_by_post_alone(self, wire: Wire) -> None:
        ticket_id, number = wire.create()
        other, _ = wire.create()
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"DynamicField": {"Name": "RedmineIssue", "Value": number}})
        told = {"DynamicField_RedmineIssue": {"Equals": number}, "Limit": 100_000}
        assert wire.call("POST", "/TicketSearch", told)["TicketID"] == [ticket_id]
        by_query = wire.call("GET", "/Ticket", DynamicField_RedmineIssue=number, Limit=100_000)
        assert {ticket_id, other} <= set(by_query["TicketID"])

    @pytest.mark.parametrize(
        "told",
        [
            {"SortBy": "Bogus"},
            {"Limit": "abc"},
            {"Queues": ["No such queue"]},
            {"TicketLastChangeTimeNewerDate": "2000-01-01T00:00:00Z"},
            {"TicketLastChangeTimeNewerDate": "yesterday"},
            {"TicketLastChangeTimeNewerDate": "2100-01-01 00:00:00"},
            {"StateType": "Open"},
        ],
    )
    def test_what_is_malformed_finds_nothing_in_silence(self, wire: Wire, told: dict[str, Any]) -> None:
        wire.create()
        assert wire.call("POST", "/TicketSearch", {"Limit": 100_000, **told}) == {}

    def test_search_gives_ids_as_text_and_get_as_numbers(self, wire: Wire) -> None:
        ticket_id, number = wire.create()
        assert wire.call("POST", "/TicketSearch", {"TicketNumber": [number]}) == {"TicketID": [ticket_id]}
        row = wire.get(ticket_id)
        assert (row["TicketID"], row["TicketNumber"]) == (int(ticket_id), number)

    def test_one_bad_id_fails_the_whole_batch(self, wire: Wire) -> None:
        ticket_id, number = wire.create()
        for bad in ("2000000001", number):
            assert wire.code("POST", "/TicketList", {"TicketID": [ticket_id, bad]}) == "TicketGet.AccessDenied"
        assert wire.code("POST", "/TicketList", {"TicketID": "0"}) == "TicketGet.MissingParameter"

    def test_a_number_in_the_body_wins_over_the_id_in_the_path(self, wire: Wire) -> None:
        one, _ = wire.create("One")
        other, number = wire.create("Other")
        wire.call("PATCH", f"/Ticket/{one}", {"TicketNumber": number, "Ticket": {"Title": "Changed"}})
        assert (wire.get(one)["Title"], wire.get(other)["Title"]) == ("One", "Changed")

    def test_a_note_is_shown_to_the_customer_unless_told_otherwise(self, wire: Wire) -> None:
        ticket_id, _ = wire.create()
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"Article": NOTE})
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"Article": {**NOTE, "IsVisibleForCustomer": 0}})
        rows = wire.get(ticket_id)["Article"][1:]
        assert [int(row["IsVisibleForCustomer"]) for row in rows] == [1, 0]
        assert {(row["SenderType"], row["CommunicationChannelID"]) for row in rows} == {("agent", 3)}

    def test_a_ticket_made_over_rest_gets_the_server_s_own_reply_unless_told_otherwise(self, wire: Wire) -> None:
        quiet, _ = wire.create()
        # An address of its own: a server writes by itself forty times a day to any one.
        somebody = f"somebody-{secrets.token_hex(4)}@acme.test"
        answered, _ = wire.create(customer=somebody, AutoResponseType="auto reply")
        assert [row["SenderType"] for row in wire.get(quiet)["Article"]] == ["agent"]
        assert [row["SenderType"] for row in wire.get(answered)["Article"]] == ["agent", "system"]

    def test_a_letter_without_an_address_is_refused_under_another_operation_s_name(self, wire: Wire) -> None:
        ticket_id, _ = wire.create()
        told = {"Article": {**NOTE, "ArticleSend": 1, "SenderType": "agent"}}
        assert wire.code("PATCH", f"/Ticket/{ticket_id}", told) == "TicketCreate.InvalidParameter"

    def test_a_letter_gets_its_signature_as_html_and_its_tag_into_the_subject(self, wire: Wire) -> None:
        ticket_id, number = wire.create()
        sent = {"ArticleSend": 1, "To": "jane@acme.test", "SenderType": "agent", "HistoryComment": "mark"}
        html = {"ContentType": "text/html; charset=utf-8", "Body": "<p>Hi &amp; bye</p>\n<!-- mark -->\n"}
        made = wire.call("PATCH", f"/Ticket/{ticket_id}", {"Article": {**NOTE, **sent, **html, "Subject": "Hi"}})
        row = wire.get(ticket_id, Attachments=1, HTMLBodyAsAttachment=1)["Article"][-1]
        assert row["Subject"] == f"[Ticket#{number}] Hi"
        assert "Hi & bye" in row["Body"] and "<!--" not in row["Body"]
        [file] = row["Attachment"]
        assert (file["Filename"], file["ContentType"].partition(";")[0]) == ("file-2", "text/html")
        [history] = wire.call("POST", f"/TicketHistory/{ticket_id}", {"x": 1})["TicketHistory"]
        marks = [line for line in history["History"] if line["Name"] == "mark"]
        assert [int(line["ArticleID"]) for line in marks] == [int(made["ArticleID"])]

    def test_a_lock_is_taken_from_anybody_without_a_word(self, wire: Wire) -> None:
        ticket_id, _ = wire.create()
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"Ticket": {"Lock": "lock", "Owner": "petrova"}}, user="petrova")
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"Ticket": {"Lock": "lock", "Owner": "robot"}})
        row = wire.get(ticket_id)
        assert (row["Lock"], row["Owner"]) == ("lock", "robot")
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"Ticket": {"State": "closed successful"}})
        assert wire.get(ticket_id)["Lock"] == "unlock"

    def test_a_pending_state_needs_its_time(self, wire: Wire) -> None:
        ticket_id, _ = wire.create()
        told = {"Ticket": {"State": "pending reminder"}}
        assert wire.code("PATCH", f"/Ticket/{ticket_id}", told) == "TicketUpdate.MissingParameter"

    def test_articles_can_be_limited_from_either_end(self, wire: Wire) -> None:
        ticket_id, _ = wire.create()
        for _ in range(2):
            wire.call("PATCH", f"/Ticket/{ticket_id}", {"Article": NOTE})
        ids = [row["ArticleID"] for row in wire.get(ticket_id)["Article"]]
        assert ids == sorted(ids)
        assert [row["ArticleID"] for row in wire.get(ticket_id, ArticleLimit=1, ArticleOrder="ASC")["Article"]] == ids[
            :1
        ]
        assert [row["ArticleID"] for row in wire.get(ticket_id, ArticleLimit=1, ArticleOrder="DESC")["Article"]] == ids[
            2:
        ]
        assert "Article" not in wire.get(ticket_id, ArticleSenderType=["customer"], ArticleLimit=1)

    def test_broken_json_and_unknown_routes_are_plain_text_and_500(self, wire: Wire) -> None:
        broken = wire.send("POST", "/TicketSearch", "{")
        assert (broken.status_code, broken.text) == (500, "Error while decoding request content.")
        unknown = wire.send("POST", "/NoSuchRoute", {"a": 1})
        assert unknown.status_code == 500
        assert "Error while determine Operation" in unknown.text
        assert wire.send("DELETE", "/TicketSearch").status_code == 500

    def test_a_list_gets_no_proper_answer(self, wire: Wire) -> None:
        with pytest.raises(requests.exceptions.ConnectionError):
            wire.send("POST", "/TicketSearch", "[1]")

    def test_errors_are_http_200(self, wire: Wire) -> None:
        wire.passwords = {**wire.passwords, "nobody": "x"}
        assert wire.code("POST", "/TicketSearch", {"Limit": 1}, user="nobody") == "TicketSearch.AuthFail"
        told = {"UserLogin": "nobody", "Password": "x"}
        assert wire.code("POST", "/Session", told, user="nobody") == "SessionCreate.AuthFail"
        ticket_id, _ = wire.create()
        for change in ({"Queue": "No"}, {"State": "No"}, {"Owner": "nobody"}, {"Lock": "No"}, {"Priority": "No"}):
            assert wire.code("PATCH", f"/Ticket/{ticket_id}", {"Ticket": change}) == "TicketUpdate.InvalidParameter"
        for article in ({**NOTE, "Subject": ""}, {**NOTE, "Body": " "}):
            assert wire.code("PATCH", f"/Ticket/{ticket_id}", {"Article": article}).startswith("TicketUpdate.")
        assert wire.code("PATCH", f"/Ticket/{ticket_id}", {"Article": [NOTE]}) == "TicketUpdate.InvalidParameter"
        timed = {"Article": {**NOTE, "TimeUnit": "1,5h"}}
        assert wire.code("PATCH", f"/Ticket/{ticket_id}", timed) == "TicketUpdate.InvalidParameter"

    def test_an_ended_session_is_not_made_good_by_a_login(self, wire: Wire) -> None:
        told = {"SessionID": "no-such-session", "Limit": 1}
        assert wire.code("POST", "/TicketSearch", told) == "TicketSearch.AuthFail"

    def test_parts_of_letters_are_searched_under_their_own_names(self, wire: Wire) -> None:
        ticket_id, number = wire.create()
        note = {**NOTE, "Body": f"the word {number}word", "Subject": f"{number}subject"}
        wire.call("PATCH", f"/Ticket/{ticket_id}", {"Article": note})
        for name, text in (("MIMEBase_Body", "word"), ("MIMEBase_Subject", "subject"), ("Fulltext", "word")):
            found = wire.call("POST", "/TicketSearch", {name: f"*{number}{text}*", "Limit": 10})
            assert found == {"TicketID": [ticket_id]}, name
