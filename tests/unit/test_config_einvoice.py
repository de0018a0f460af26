"""What a client's e-invoice needs, from the files to the document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio_invoices.check_law import law
from studio_invoices.model import Party
from studio_support.billing.snapshot import to_invoice
from studio_support.billing.terms import Client
from studio_support.config import load_settings
from studio_support.config.client_book import ClientBook, load_clients
from studio_support.testing.drafts import draft, entry

SETTINGS = """
[studio]
timezone = "Europe/Berlin"
language = "de"
currency = "EUR"
[seller]
name = "Studio GmbH"
address = ["Weg 1", "50667 Köln"]
postcode = "50667"
city = "Köln"
country = "DE"
vat_id = "DE123456789"
email = "a@studio.example"
contact_name = "E. Muster"
contact_phone = "+49 221 1"
registration = "HRB 1"
registration_scheme = "0002"
electronic_address = "DE123456789"
electronic_scheme = "9930"
[billing]
"""
CLIENT = """
id = "acme"
name = "ACME"
address = ["Weg 2"]
postcode = "53111"
city = "Bonn"
country = "DE"
language = "de"
currency = "EUR"
registration = "HRB 2"
registration_scheme = "0007"
electronic_address = "991-1"
electronic_scheme = "0204"
"""


def book(folder: Path, more: str = "") -> ClientBook:
    path = folder / "studio-support.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    clients = folder / "clients"
    clients.mkdir()
    (clients / "acme.toml").write_text(CLIENT + more, encoding="utf-8")
    return load_clients(clients, load_settings(path))


def test_addresses_numbers_and_contact_reach_the_parties(tmp_path: Path) -> None:
    """Each under its own name, the seller's and the client's."""
    client = book(tmp_path).clients["acme"].party
    assert (client.postcode, client.city) == ("53111", "Bonn")
    assert (client.registration, client.registration_scheme) == ("HRB 2", "0007")
    assert (client.electronic_address, client.electronic_scheme) == ("991-1", "0204")
    seller = load_settings(tmp_path / "studio-support.toml").terms().sellers[""].party
    assert seller == Party(
        "Studio GmbH",
        ("Weg 1", "50667 Köln"),
        "DE",
        vat_id="DE123456789",
        email="a@studio.example",
        postcode="50667",
        city="Köln",
        contact_name="E. Muster",
        contact_phone="+49 221 1",
        registration="HRB 1",
        registration_scheme="0002",
        electronic_address="DE123456789",
        electronic_scheme="9930",
    )


@pytest.mark.parametrize(
    ("written", "profiles"),
    [
        ("", ()),
        ("e_invoice = []", ()),
        ('e_invoice = "xrechnung"', ("xrechnung",)),
        ('e_invoice = ["peppol", "facturx", "peppol"]', ("peppol", "facturx")),
    ],
)
def test_a_client_wants_one_format_or_several(tmp_path: Path, written: str, profiles: tuple[str, ...]) -> None:
    """In the order in which they are written, each once."""
    assert book(tmp_path, written).clients["acme"].profiles == profiles


@pytest.mark.parametrize("written", ['"zugferd"', "3", '["facturx", 1]', "[[]]"])
def test_an_unknown_format_is_a_fault_of_the_file(tmp_path: Path, written: str) -> None:
    """It parks this client and names what there is."""
    (problem,) = book(tmp_path, f"e_invoice = {written}").problems
    assert problem.client == "acme"
    assert "names no format of e-invoices" in problem.message
    assert problem.next_step == "Write one of en16931, xrechnung, peppol, facturx, or a list of them in brackets."


def test_who_invoices_within_france_can_tell_what_the_law_wants(tmp_path: Path) -> None:
    """Penalties and indemnity in `notes` reach the document; foot, website and the account's holder do as well."""
    (tmp_path / "clients").mkdir()
    path = tmp_path / "studio-support.toml"
    bank = '[seller.bank]\nname = "Banque"\niban = "FR1420041010050500013M02606"\nholder = "Studio Holding"\n[billing]'
    more = (
        'notes = ["Indemnité de 40 € en cas de retard."]\nlegal_lines = ["Capital 1 €"]\nwebsite = "studio.example"\n'
    )
    path.write_text(SETTINGS.replace("[billing]", more + bank), encoding="utf-8")
    seller = load_settings(path).terms().sellers[""]
    client = Client("acme", Party("ACME", ("Rue 2",), "FR", registration="552008443"), "fr", "EUR")
    french = replace(seller, party=replace(seller.party, country="FR", registration="552008443"))
    document = to_invoice(draft("acme", entry(1)), client, french, None)
    assert document.notes == ("Indemnité de 40 € en cas de retard.",)
    assert document.seller.legal_lines == ("Capital 1 €",)
    assert (document.seller.website, document.bank.holder) == ("studio.example", "Studio Holding")
    assert list(law(document, "FR")) == []
    assert len(list(law(replace(document, notes=()), "FR"))) == 1
