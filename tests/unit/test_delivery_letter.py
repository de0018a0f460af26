"""Letters as bytes: whatever stands in a name, the headers are ours and there is one recipient."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.letter import (
    Attachment,
    Letter,
    Message,
    as_bytes,
    envelope_address,
    needs_smtputf8,
    one_line,
    usable_address,
)

SENT_AT = datetime(2026, 11, 2, 11, 30, tzinfo=timezone(timedelta(hours=3)))
SENDER = "billing@studio.example"
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}


def letter(
    subject: str = "Invoice", name: str = "Web Studio", text: str = "Hello\n", to: str = "a@acme.example"
) -> Letter:
    html = "<html>\n<body>\n<p>Hello</p>\n</body>\n</html>\n"
    return Letter(to, "<0123@studio.example>", SENT_AT, Message(subject, text, html, name))


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def sender_of(content: bytes) -> tuple[str, str]:
    """Name and address of From, as RFC 2047 reads them: blanks between encoded words do not count.

    The newer parser of the standard library keeps them in names, so it cannot be the judge here.
    """
    name, address = parseaddr(email.message_from_bytes(content)["From"])
    return str(make_header(decode_header(name))), address


def test_a_letter_says_what_robots_and_people_need() -> None:
    mail = parsed(
        as_bytes(letter("Счёт № 7", "ООО «Студия»", "Здравствуйте!\n"), SENDER, reply_to="help@studio.example")
    )
    assert mail["Subject"] == "Счёт № 7"
    assert mail["From"].addresses[0].display_name == "ООО «Студия»"
    assert mail["From"].addresses[0].addr_spec == SENDER
    assert mail["To"] == "a@acme.example"
    assert mail["Reply-To"] == "help@studio.example"
    assert mail["Message-ID"] == "<0123@studio.example>"
    assert mail["Date"].datetime == datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content() == "Здравствуйте!\r\n"


def test_without_reply_to_answers_go_to_the_sender() -> None:
    assert "Reply-To" not in parsed(as_bytes(letter(), SENDER))


def test_what_travels_is_ascii_in_short_lines_ended_by_crlf() -> None:
    content = as_bytes(letter("Ж" * 300, "Ю" * 200, "Д" * 3000 + "\n"), SENDER)
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


@given(st.text(), st.text(), st.sampled_from(["", "me@studio.example"]))
def test_no_text_adds_a_header_or_a_recipient(subject: str, name: str, divert_to: str) -> None:
    nasty = "\r\nBcc: thief@evil.example\r\n\r\n"
    mail = parsed(as_bytes(letter(subject + nasty, nasty + name), SENDER, reply_to=SENDER, divert_to=divert_to))
    extra = {"X-Studio-Support-Recipient"} if divert_to else set()
    assert sorted(mail.keys()) == sorted(HEADERS | extra)
    assert [address.addr_spec for address in mail["To"].addresses] == [divert_to or "a@acme.example"]
    assert [address.addr_spec for address in mail["From"].addresses] == [SENDER]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_a_name_arrives_as_it_was_written(name: str) -> None:
    assert sender_of(as_bytes(letter(name=name), SENDER)) == (name, SENDER)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=300))
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    assert parsed(as_bytes(letter(subject), SENDER))["Subject"] == subject


@pytest.mark.parametrize("name", ['Müller, Hans "der Chef" & Söhne', 'A "B" \\ C, D', "=?utf-8?q?Other?=", "x" * 300])
def test_a_name_with_signs_of_the_header_syntax_stays_a_name(name: str) -> None:
    assert sender_of(as_bytes(letter(name=name), SENDER)) == (name, SENDER)


NAMES = (
    "שטודיו אינטרנט בע״מ",
    "شركة الويب (ذ.م.م)",
    "می\u200cخواهم وب",
    "Студия 🚀 «Веб»",
    "👩\u200d👩\u200d👧 Family & Söhne",
    "e\u0301" * 100,
    "名" * 300,
    "x" * 199,
    "x" * 201,
    'a, b; c: <d@e.example> (f) "g" \\\\',
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("to", ["a@acme.example", "бух@acme.example", "buh@почта.рф", "бух@почта.рф"])
def test_a_letter_parses_back_to_what_was_meant_by_the_strict_parser(name: str, to: str) -> None:
    """Right to left, emoji, very long, full of syntax: no defect, the same words, one sender, one recipient; and where
    the server knows ASCII alone, no other byte."""
    utf8 = needs_smtputf8(to)
    content = as_bytes(letter(f"Invoice from {name}", name, f"From {name}\n", to), SENDER, reply_to=SENDER, utf8=utf8)
    assert content.isascii() is not utf8
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line for line in lines)

    # the parser of bytes knows no UTF-8 in headers
    mail = email.message_from_string(content.decode(), policy=email.policy.strict + email.policy.SMTPUTF8)
    assert isinstance(mail, EmailMessage)
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert mail["Subject"] == f"Invoice from {name}"
    assert sender_of(content) == (name, SENDER)
    assert [address.addr_spec for address in mail["From"].addresses] == [SENDER]
    assert [address.addr_spec for address in mail["To"].addresses] == [envelope_address(to)]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == f"From {name}\n"


def test_without_a_name_the_address_stands_alone() -> None:
    assert parsed(as_bytes(letter(name=" \n"), SENDER))["From"] == SENDER


def test_a_diverted_letter_shows_whom_it_was_meant_for() -> None:
    mail = parsed(as_bytes(letter(to="a@acme.example"), SENDER, divert_to="me@studio.example"))
    assert mail["To"] == "me@studio.example"
    assert mail["Subject"] == "[a@acme.example] Invoice"
    assert mail["X-Studio-Support-Recipient"] == "a@acme.example"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "Diverted: this letter was meant for a@acme.example" in body.get_content()


def test_a_letter_without_attachments_is_text_and_html_alone() -> None:
    mail = parsed(as_bytes(letter(), SENDER))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_what_was_asked_for_is_attached_beside_text_and_html() -> None:
    files = (Attachment("2026-0007.pdf", "pdf", b"%PDF-1.7\n\x00\xff"), Attachment("счёт\r\n.xml", "xml", b"<a/>"))
    plain = letter()
    mail = parsed(as_bytes(replace(plain, message=replace(plain.message, attachments=files)), SENDER))
    assert mail.get_content_type() == "multipart/mixed"
    found = [(part.get_content_type(), part.get_filename(), part.get_content()) for part in mail.iter_attachments()]
    assert found == [
        ("application/pdf", "2026-0007.pdf", b"%PDF-1.7\n\x00\xff"),
        ("application/xml", "счёт .xml", b"<a/>"),
    ]
    body = mail.get_body(("html",))
    assert body is not None
    assert "%PDF" not in repr(files[0])


def test_a_cyrillic_domain_travels_in_its_ascii_form() -> None:
    assert envelope_address("buh@почта.рф") == "buh@xn--80a1acny.xn--p1ai"
    mail = parsed(as_bytes(letter(to="buh@почта.рф"), SENDER))
    assert mail["To"] == "buh@xn--80a1acny.xn--p1ai"
    assert not needs_smtputf8(SENDER, "buh@почта.рф")


def test_a_cyrillic_local_part_needs_smtputf8_and_travels_as_it_is() -> None:
    assert needs_smtputf8(SENDER, "бух@acme.example")
    content = as_bytes(letter(to="бух@acme.example"), SENDER, utf8=True)
    assert "To: бух@acme.example\r\n".encode() in content


@pytest.mark.parametrize(
    "address",
    ["a@acme.example", "first.last+invoices@mail.acme.example", "бух@почта.рф", "me@localhost", "o'neil@acme.example"],
)
def test_an_address_that_can_exist_is_usable(address: str) -> None:
    assert usable_address(address) is None


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("a@acme.example\nBcc: b@evil.example", "control character"),
        ("a@acme\u202e.example", "control character"),
        ("acme.example", "form"),
        ("a@acme", "form"),
        ("a@@acme.example", "form"),
        ("a b@acme.example", "form"),
        ("a@acme.example, b@acme.example", "form"),
        ("<a@acme.example>", "form"),
        ('"a b"@acme.example', "form"),
        (".a@acme.example", "form"),
        ("a..b@acme.example", "form"),
        ("a@acme..example", "form"),
        ("a@acme.example.", "form"),
        ("", "form"),
        ("a@" + "ы" * 70 + ".рф", "domain that cannot exist"),
        ("a" * 243 + "@acme.example", "longer than 254"),
        ("a@faß.example", "another domain"),  # IDNA of 2003: fass.example, which may be somebody else's
        ("a@βόλος.example", "another domain"),
    ],
)
def test_a_typo_is_named_before_anything_is_sent(address: str, wrong: str) -> None:
    found = usable_address(address)
    assert found is not None
    assert wrong in found


def test_one_line_drops_breaks_controls_and_changes_of_direction() -> None:
    assert one_line("ACME\r\n  GmbH\u2028& Co.\u202e\x00\tKG") == "ACME GmbH & Co. KG"
