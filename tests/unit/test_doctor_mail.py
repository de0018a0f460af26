"""What doctor says of the sender's domain, of templates and of the mailbox of returned mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import dns.exception
import dns.resolver
import pytest

from studio_support.doctor.check import Check, guarded
from studio_support.doctor.mail import check_returns, check_sender, check_templates
from studio_support.doctor.names import NoNameServer, text_records
from studio_support.studio import Studio
from tests import world

SPF = "v=spf1 mx include:_spf.mail.test -all"
DMARC = "v=DMARC1; p=quarantine"


def studio(folder: Path, sender: str = "billing@mail.studio.de", more: str = "") -> Studio:
    settings = world.SETTINGS.replace('sender = "billing@studio.example"', f'sender = "{sender}"\n{more}')
    world.write_world(folder, 0, settings=settings)
    return world.open_studio(folder)


def results(checks: Iterable[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.result) for check in checks]


def named(folder: Path, records: Mapping[str, tuple[str, ...]], sender: str = "billing@mail.studio.de") -> list[Check]:
    return list(check_sender(studio(folder, sender), lambda name: records.get(name, ())))


def test_a_domain_that_says_who_sends_and_what_is_forged_is_well(tmp_path: Path) -> None:
    found = named(tmp_path, {"mail.studio.de": ("other", SPF), "_dmarc.mail.studio.de": (DMARC,)})
    assert results(found) == [("SPF", "ok"), ("DMARC", "ok")]
    assert SPF in found[0].detail


def test_the_organisations_policy_serves_its_subdomains(tmp_path: Path) -> None:
    found = named(tmp_path, {"mail.studio.de": (SPF,), "_dmarc.studio.de": (DMARC,), "_dmarc.de": ("v=DMARC1",)})
    assert found[1].detail == f"studio.de: {DMARC}"


def test_what_is_missing_is_a_warning_with_what_to_publish(tmp_path: Path) -> None:
    found = named(tmp_path, {"mail.studio.de": ("v=spf10 mx",), "_dmarc.de": (DMARC,)})
    assert results(found) == [("SPF", "warning"), ("DMARC", "warning")]
    assert "v=spf1 mx -all" in found[0].next_step
    assert "_dmarc.mail.studio.de" in found[1].next_step


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({"mail.studio.de": (SPF, "V=SPF1 ~all")}, ("SPF", "failed")),
        ({"mail.studio.de": ("v=spf1 mx +all",)}, ("SPF", "warning")),
        ({"mail.studio.de": ("v=spf1 all",)}, ("SPF", "warning")),
        ({"mail.studio.de": ("v=spf1 ?all",)}, ("SPF", "ok")),
        ({"_dmarc.mail.studio.de": (DMARC, DMARC)}, ("DMARC", "failed")),
    ],
)
def test_records_that_do_not_protect_are_told(
    tmp_path: Path, records: Mapping[str, tuple[str, ...]], expected: tuple[str, str]
) -> None:
    assert expected in results(named(tmp_path, records))


def test_a_cyrillic_domain_is_asked_for_in_its_ascii_form(tmp_path: Path) -> None:
    asked: list[str] = []

    def lookup(name: str) -> tuple[str, ...]:
        asked.append(name)
        return ()

    list(check_sender(studio(tmp_path, "buh@почта.рф"), lookup))
    assert asked == ["xn--80a1acny.xn--p1ai", "_dmarc.xn--80a1acny.xn--p1ai"]


def test_offline_is_said_and_fails_nothing(tmp_path: Path) -> None:
    def lookup(name: str) -> tuple[str, ...]:
        raise NoNameServer("timed out")

    found = list(check_sender(studio(tmp_path), lookup))
    assert results(found) == [("SPF", "skipped"), ("DMARC", "skipped")]
    assert all(check.detail.startswith("not checked: ") for check in found)


@pytest.mark.parametrize("domain", ["studio.example", "example", "mail.example.org", "localhost", "mx.test"])
def test_names_that_nobody_can_publish_for_are_not_asked(tmp_path: Path, domain: str) -> None:
    def lookup(name: str) -> tuple[str, ...]:
        raise AssertionError(name)

    found = list(check_sender(studio(tmp_path, f"billing@{domain}"), lookup))
    assert results(found) == [("sender's domain", "skipped")]


class Record:
    def __init__(self, *strings: bytes) -> None:
        self.strings = strings


def test_long_records_are_put_together_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [Record(b"v=spf1 ", b"mx -all"), Record(b"other")]
    monkeypatch.setattr(dns.resolver.Resolver, "resolve", lambda *_, **__: answer)
    monkeypatch.setattr(dns.resolver.Resolver, "__init__", lambda self: None)
    assert text_records("studio.de") == ("v=spf1 mx -all", "other")


@pytest.mark.parametrize("nothing", [dns.resolver.NXDOMAIN, dns.resolver.NoAnswer])
def test_a_name_without_records_has_none(monkeypatch: pytest.MonkeyPatch, nothing: type[Exception]) -> None:
    monkeypatch.setattr(dns.resolver.Resolver, "resolve", _raise(nothing))
    monkeypatch.setattr(dns.resolver.Resolver, "__init__", lambda self: None)
    assert text_records("studio.de") == ()


@pytest.mark.parametrize("silent", [dns.exception.Timeout, dns.resolver.NoNameservers, OSError])
def test_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch, silent: type[Exception]) -> None:
    monkeypatch.setattr(dns.resolver.Resolver, "resolve", _raise(silent))
    monkeypatch.setattr(dns.resolver.Resolver, "__init__", lambda self: None)
    with pytest.raises(NoNameServer):
        text_records("studio.de")


def _raise(kind: type[Exception]) -> object:
    def resolve(*_: object, **__: object) -> None:
        error = kind.__new__(kind)
        error.__dict__["kwargs"] = {}  # what dnspython's own set when they are made with arguments
        error.__dict__["msg"] = "silence"
        raise error

    return resolve


def test_templates_are_written_with_sample_facts(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    here = studio(tmp_path / "a", more=f'templates = "{folder}"')
    assert results(check_templates(here)) == [("letters", "ok")]
    (folder / "invoice.en.txt.j2").write_text("Hi\n\n{{ nobody }}")
    (folder / "invioce.en.txt.j2").write_text("Hi\n\n{{ link }}")
    found = list(check_templates(here))
    assert results(found) == [("letters", "failed")] * 2
    assert any("no letter has this name" in check.detail for check in found)
    assert any("nobody" in check.detail for check in found)


def test_a_folder_of_templates_that_is_not_there_fails(tmp_path: Path) -> None:
    [found] = check_templates(studio(tmp_path, more='templates = "nowhere"'))
    assert found.result == "failed"


def test_without_templates_of_ones_own_nothing_is_said(tmp_path: Path) -> None:
    assert list(check_templates(studio(tmp_path))) == []


def test_the_mailbox_of_returned_mail_is_looked_into(tmp_path: Path) -> None:
    here = studio(tmp_path, more='bounces_maildir = "Maildir"')
    assert results(guarded("returned mail", lambda: check_returns(here))) == [("returned mail", "failed")]
    for name in ("new", "cur"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    assert results(check_returns(here)) == [("returned mail", "ok")]


def test_without_a_mailbox_doctor_says_what_is_missed(tmp_path: Path) -> None:
    [found] = check_returns(studio(tmp_path))
    assert (found.result, "bill bounces" in found.next_step) == ("skipped", True)
