"""Reports of non-delivery, read: which letter, whom it could not be brought to, and why."""

from __future__ import annotations

import base64
from collections.abc import Callable

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
    text = POSTFIX.replace("Content-Type: {kind}\n", "Content-Type: {kind}\nContent-Transfer-Encoding: base64\n")
    assert read_reports(report(returned=base64.b64encode(HEADERS.encode()).decode(), text=text)) == (EXPECTED,)


BEYOND_ASCII = """\
From: Mail Delivery System <MAILER-DAEMON@mx.studio.example>
To: billing@studio.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="C924.1795/mx.studio.example"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--C924.1795/mx.studio.example
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

<бух@acme.example>: host mx.acme.example said: 550 5.1.1 Нет такого ящика

--C924.1795/mx.studio.example
Content-Description: Delivery report
Content-Type: message/global-delivery-status
Content-Transfer-Encoding: {encoding}

{status}
--C924.1795/mx.studio.example
Content-Description: Undelivered Message
Content-Type: message/global
Content-Transfer-Encoding: {encoding}

{returned}
--C924.1795/mx.studio.example--
"""
STATUS = """\
Reporting-MTA: dns; mx.studio.example
X-Postfix-Sender: rfc822; billing@studio.example

Final-Recipient: utf-8; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <бух@acme.example>: Recipient address
    rejected: Нет такого ящика
"""
RETURNED = f"Return-Path: <billing@studio.example>\nTo: бух@acme.example\nMessage-ID: {ID}\n\nYour link\n"


def plain(text: str) -> str:
    return text


def in_base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


@pytest.mark.parametrize(("encoding", "encoded"), [("8bit", plain), ("base64", in_base64)])
@pytest.mark.parametrize("recipient", ["бух@acme.example", r"\x{431}\x{443}\x{445}@acme.example"])
def test_a_report_on_an_address_beyond_ascii_is_read(
    encoding: str, encoded: Callable[[str], str], recipient: str
) -> None:
    """As Postfix 3.7 writes it (message/global-delivery-status, 8bit), and as RFC 6533 allows on an ASCII way."""
    status = encoded(STATUS.replace("{recipient}", recipient))
    raw = BEYOND_ASCII.format(encoding=encoding, status=status, returned=encoded(RETURNED)).encode()
    reason = "550 5.1.1 <бух@acme.example>: Recipient address rejected: Нет такого ящика"
    assert read_reports(raw) == (Report(ID, "бух@acme.example", "failed", "5.1.1", reason),)


EXIM = """\
X-Failed-Recipients: a@nowhere.example
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=1795-eximdsn-19
MIME-Version: 1.0

--1795-eximdsn-19
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.
The following address(es) failed:

  a@nowhere.example
    Unrouteable address

--1795-eximdsn-19
Content-type: message/delivery-status

Reporting-MTA: dns; mx.studio.example

Action: failed
Final-Recipient: rfc822;{recipient}
Status: 5.0.0

--1795-eximdsn-19
Content-type: message/rfc822

Message-ID: <0123456789abcdef@studio.example>

Your link

--1795-eximdsn-19--
"""


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [("a@nowhere.example", "Unrouteable address"), ("b@nowhere.example", "5.0.0"), ("", "5.0.0")],
)
def test_a_diagnosis_that_stands_in_the_text_for_people_alone_is_told(recipient: str, reason: str) -> None:
    """As Exim 4.96 writes it for a domain that it cannot find."""
    found = read_reports(EXIM.replace("{recipient}", recipient).encode())
    assert found == (Report(ID, recipient, "failed", "5.0.0", reason),)


def test_several_recipients_of_one_report_are_told_apart() -> None:
    second = "\n\nFinal-Recipient: rfc822; b@acme.example\nAction: delayed\nStatus: 4.2.2\n\n--B\nContent-Type: {kind}"
    found = read_reports(report(text=POSTFIX.replace("\n\n--B\nContent-Type: {kind}", second)))
    assert [(one.recipient, one.action) for one in found] == [
        ("a@acme.example", "failed"),
        ("b@acme.example", "delayed"),
    ]


@pytest.mark.parametrize("number", ["110000", "ffffff", "1b"])
def test_a_character_that_is_none_stays_as_it_was_written(number: str) -> None:
    status = STATUS.replace("{recipient}", rf"\x{{{number}}}@acme.example")
    raw = BEYOND_ASCII.format(encoding="8bit", status=status, returned=RETURNED).encode()
    assert read_reports(raw)[0].recipient == rf"\x{{{number}}}@acme.example"


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
