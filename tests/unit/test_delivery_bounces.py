"""Reports of non-delivery, read: which letter, whom it could not be brought to, and why."""

from __future__ import annotations

import pytest

from studio_support.delivery.bounces import Report, read_reports

ID = "<0123456789abcdef@studio.example>"

POSTFIX = """\
From: MAILER-DAEMON@mx.studio.example (Mail Delivery System)
To: billing@studio.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.studio.example
Arrival-Date: Mon,  2 Nov 2026 08:30:00 +0000 (UTC)

Final-Recipient: rfc822; moved@other.example
Original-Recipient: rfc822;a@acme.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1
    <moved@other.example>: no such user

--B
Content-Type: {kind}

{returned}
--B--
"""
HEADERS = f"Subject: Invoice\nMessage-ID: {ID}\n"


def report(kind: str = "text/rfc822-headers", returned: str = HEADERS, text: str = POSTFIX) -> bytes:
    return text.format(kind=kind, returned=returned).replace("\n", "\r\n").encode()


EXPECTED = Report(ID, "a@acme.example", "failed", "5.1.1", "550 5.1.1 <moved@other.example>: no such user")


@pytest.mark.parametrize(
    ("kind", "returned"),
    [
        ("text/rfc822-headers", HEADERS),
        ("message/rfc822", f"{HEADERS}\nYour link\n"),
        ("message/global", f"{HEADERS}\nYour link\n"),
        ("message/global-headers", HEADERS),
    ],
)
def test_the_letter_is_known_by_the_message_id_that_comes_back(kind: str, returned: str) -> None:
    assert read_reports(report(kind, returned)) == (EXPECTED,)
    assert EXPECTED.failed


def test_headers_that_came_back_in_base64_are_read() -> None:
    import base64

    text = POSTFIX.replace("Content-Type: {kind}\n", "Content-Type: {kind}\nContent-Transfer-Encoding: base64\n")
    assert read_reports(report(returned=base64.b64encode(HEADERS.encode()).decode(), text=text)) == (EXPECTED,)


def test_a_delay_is_no_failure() -> None:
    [found] = read_reports(report(text=POSTFIX.replace("Action: failed", "Action: delayed (later)")))
    assert (found.action, found.failed) == ("delayed", False)


def test_without_original_recipient_and_diagnosis_the_rest_is_told() -> None:
    text = POSTFIX.replace("Original-Recipient: rfc822;a@acme.example\n", "").replace(
        "Diagnostic-Code: smtp; 550 5.1.1\n    <moved@other.example>: no such user\n", ""
    )
    [found] = read_reports(report(text=text))
    assert (found.recipient, found.reason, found.status) == ("moved@other.example", "5.1.1", "5.1.1")


def test_what_steers_a_terminal_is_left_out() -> None:
    [found] = read_reports(report(text=POSTFIX.replace("no such user", "no \x1b[31muser")))
    assert found.reason.endswith("no [31muser")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: Hello\r\n\r\nan ordinary letter\r\n",
        report(returned="Subject: Invoice\n"),  # names no letter
        report(returned="Message-ID: none\n"),
        report(kind="text/plain"),
        report(kind="message/rfc822", returned=""),
        report(text=POSTFIX.replace("Action: failed\n", "")),
        report(text=POSTFIX.replace("message/delivery-status", "text/plain")),
        b"Content-Type: multipart/report; boundary=B\r\n\r\nnot one boundary\r\n",
        b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\nContent-Type: message/delivery-status\r\n",
        b"\xff\xfe\x00",
    ],
)
def test_anything_else_reports_nothing(raw: bytes) -> None:
    assert read_reports(raw) == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/report; boundary=B\n\n--B\n" + b"Content-Type: message/rfc822\n\n" * 5000,
        b"".join(b"Content-Type: multipart/report; boundary=B%d\n\n--B%d\n" % (deep, deep) for deep in range(3000)),
    ],
)
def test_a_mail_of_parts_within_parts_is_no_report_and_stops_nothing(raw: bytes) -> None:
    assert read_reports(raw) == ()
