"""Companies of every country that sells in the tests of e-invoices: with all that XRechnung and Peppol ask of them,
and with as little as EN 16931 lets pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from studio_invoices.model import BankAccount, Party


@dataclass(frozen=True)
class Company:
    """Numbers of one country: VAT number, register number and its ISO 6523 code, address in Peppol's network and its
    scheme, currency, account, BIC, and the rates of tax in percent."""

    vat_id: str
    registration: str
    register: str
    address: str
    scheme: str
    currency: str
    iban: str
    bic: str
    rates: tuple[str, ...]
    tax_number: str = ""
    inn: str = ""


_GLN = ("5790000435975", "0088")
COMPANIES = {
    "AT": Company("ATU13585627", "FN 56247t", "", "ATU13585627", "9914", "EUR", "AT611904300234573201", "GIBAATWWXXX",
                  ("20", "10", "13")),
    "BE": Company("BE0428759497", "0428759497", "0208", "0428759497", "0208", "EUR", "BE71096123456769", "GKCCBEBB",
                  ("21", "12", "6")),
    "CH": Company("CHE-123.456.788 MWST", "CHE123456788", "0183", "CHE123456788", "0183", "CHF",
                  "CH9300762011623852957", "ZKBKCHZZ80A", ("8.1", "2.6", "3.8")),
    "DE": Company("DE 136695976", "HRB 1234", "", "DE136695976", "9930", "EUR", "DE89 3704 0044 0532 0130 00",
                  "COBADEFFXXX", ("19", "7")),
    "DK": Company("DK13585628", "DK13585628", "0184", "DK13585628", "0184", "DKK", "DK5000400440116243", "NDEADKKK",
                  ("25",)),
    "ES": Company("ES-B58378431", "", "", "ESB58378431", "9920", "EUR", "ES9121000418450200051332", "BBVAESMM",
                  ("21", "10", "4")),
    "FI": Company("FI20774740", "2077474-0", "0212", "FI20774740", "0213", "EUR", "FI2112345600000785", "NDEAFIHH",
                  ("25.5", "14", "10")),
    "FR": Company("FR83404833048", "404833048", "0002", "40483304800022", "0009", "EUR",
                  "FR1420041010050500013M02606", "BNPAFRPP", ("20", "10", "5.5", "2.1")),
    "GB": Company("GB980780684", "", "", "GB980780684", "9932", "GBP", "GB29NWBK60161331926819", "NWBKGB2L",
                  ("20", "5")),
    "IE": Company("IE6433435F", "", "", "IE6433435F", "9935", "EUR", "IE29AIBK93115212345678", "AIBKIE2D",
                  ("23", "13.5")),
    "IS": Company("IS12345", "4504013150", "0196", "4504013150", "0196", "ISK", "IS140159260076545510730339",
                  "NBIIISRE", ("24", "11")),
    "IT": Company("IT00743110157", "MI-1234567", "", "IT00743110157", "0211", "EUR", "IT60X0542811101000000123456",
                  "BPPIITRR", ("22", "10", "5", "4"), tax_number="00743110157"),
    "LU": Company("LU15027442", "B123456", "", "LU15027442", "9938", "EUR", "LU280019400644750000", "BCEELULL",
                  ("17", "14", "8", "3")),
    "NL": Company("NL8200.98.395.B.01", "12345678", "0106", "12345678", "0106", "EUR", "NL91ABNA0417164300", "ABNANL2A",
                  ("21", "9")),
    "NO": Company("NO 995 525 828 MVA", "995525828", "0192", "995525828", "0192", "NOK", "NO9386011117947", "DNBANOKK",
                  ("25", "15", "12"), tax_number="Foretaksregisteret"),
    "PL": Company("PL8567346215", "0000127206", "", "PL8567346215", "9945", "PLN", "PL61109010140000071219812874",
                  "WBKPPLPP", ("23", "8", "5")),
    "PT": Company("PT501964843", "", "", "PT501964843", "9946", "EUR", "PT50000201231234567890154", "CGDIPTPL",
                  ("23", "13", "6")),
    "RU": Company("", "1047796939018", "", *_GLN, "RUB", "", "", ("22", "20", "5", "7"), inn="7802895380"),
    "SE": Company("SE 556188-8404 01", "5561888404", "0007", "5561888404", "0007", "SEK", "SE4550000000058398257466",
                  "ESSESESS", ("25", "12", "6"), tax_number="Godkänd för F-skatt"),
    "US": Company("", "", "", *_GLN, "USD", "", "", ("0",), tax_number="12-3456789"),
}  # fmt: skip
NAMES = (
    "ACME GmbH & Co. KG",
    "ООО «Ромашка»",
    "Śląsk S.A.",
    "L'Été <SARL>",
    'B "C" d',
    "Ö" * 120,
    "Gesellschaft für " + "Datenschutzgrundverordnungsberatung" * 4,
)
_STREETS = ("Weg 1", "Haus 2", "c/o Müller", "Etage 3", "Straße des siebzehnten Juni 135 " * 4)


@st.composite
def complete(draw: Any, *, country: str) -> Party:
    """A party that lacks nothing of what any of the formats asks for."""
    company = COMPANIES[country]
    return Party(
        name=draw(st.sampled_from(NAMES)),
        address=tuple(draw(st.lists(st.sampled_from(_STREETS), min_size=1, max_size=5))),
        country=country,
        city="Köln",
        postcode="50667",
        vat_id=company.vat_id,
        tax_number=company.tax_number,
        inn=company.inn,
        registration=company.registration,
        registration_scheme=company.register,
        email="rechnung@example.de",
        contact_name="Erika Muster",
        contact_phone="+49 221 123",
        electronic_address=company.address,
        electronic_scheme=company.scheme,
        legal_lines=draw(st.sampled_from([(), ("Geschäftsführer: A. B.", "Amtsgericht Köln")])),
    )


@st.composite
def sparse(draw: Any, *, country: str, seller: bool, numbered: bool) -> Party:
    """A party that EN 16931 accepts and the networks may not. numbered: it has a VAT number for certain."""
    apart = draw(st.booleans())
    registered = numbered or draw(st.booleans())
    return Party(
        name=draw(st.sampled_from(NAMES)),
        address=tuple(draw(st.lists(st.sampled_from(_STREETS), max_size=5))),
        country=country,
        city="Köln" if apart else "",
        postcode="50667" if apart else "",
        vat_id=f"{country}123456789" if registered else "",
        tax_number="30/123/45678" if seller and not registered and country != "RU" else "",
        inn="7802895380" if country == "RU" else "",
        registration=draw(st.sampled_from(["", "HRB 1234"])),
        registration_scheme=draw(st.sampled_from(["", "0204"])),
        email="rechnung@example.de",
        contact_name=draw(st.sampled_from(["", "Erika Muster"])),
        contact_phone=draw(st.sampled_from(["", "+49 221 123"])),
        electronic_address=draw(st.sampled_from(["", "DE123456789"])),
        electronic_scheme="9930",
    )


def account(country: str) -> BankAccount:
    """The seller's account: by IBAN, or as Russia and America have them."""
    company = COMPANIES[country]
    if company.iban:
        return BankAccount("Bank", company.bic, iban=company.iban)
    return BankAccount("Банк", "044030653", account="40702810455000024248")
