"""What our own check lets pass for XRechnung and Peppol, their official rules accept; what they refuse, it refuses.

Counts: STUDIO_EINVOICES examples (default 50); `make einvoices` runs more.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_invoices.einvoice import requirements, to_xml, validate
from studio_invoices.einvoice.profiles import FORMATS
from studio_invoices.model import BankAccount, Invoice
from tests.einvoice_cases import Case, cases
from tests.network_rules import STYLESHEETS, refused, warned

EXAMPLES = int(os.environ.get("STUDIO_EINVOICES", "50"))
_more = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
_FORMATS = [(profile, syntax) for profile, form in FORMATS.items() for syntax in form.syntaxes]
# not wrong, only unusual: Norway's register is named by some sellers alone, IPA and tax codes are Italy's own affair
_HARMLESS = {"NO-R-002"}
# four digits that no list has (yet): these lists grow twice a year, so that they are left to the rules themselves
_CODE_LISTS = {"xml:BR-CL-11", "xml:BR-CL-25", "xml:FX-SCH-A-000569", "xml:FX-SCH-A-000571"}

Make = Callable[..., Invoice]


@_more
@given(cases(whole=True))
def test_who_lacks_nothing_is_accepted_by_every_network(case: Case) -> None:
    """Sellers of twenty countries, all categories of tax, in each format and syntax."""
    for profile, syntax in _FORMATS:
        invoice = replace(case.invoice, profiles=(profile,))
        assert requirements(invoice) == [], (profile, syntax)
        xml = to_xml(invoice, syntax, profile)
        assert validate(xml, syntax, strict=True) == (), (profile, syntax)
        if (profile, syntax) in STYLESHEETS:
            assert refused(xml, profile, syntax) == []
            assert warned(xml, profile, syntax) <= _HARMLESS


_SPOILS = st.one_of(
    st.tuples(
        st.sampled_from(["seller", "buyer"]),
        st.sampled_from(
            [
                *("address", "city", "postcode", "vat_id", "tax_number", "registration", "registration_scheme"),
                *("electronic_address", "electronic_scheme", "contact_name", "contact_phone", "email"),
            ]
        ),
        st.sampled_from(
            ["", " ", "12", "5790000435974", "SE556188840", "9999", "0088", "0184", "0106", "EM", "a@b", "a@b.example"]
        ),
    ),
    st.tuples(
        st.just("invoice"),
        st.sampled_from(["buyer_reference", "order_number", "payment_terms"]),
        st.sampled_from(["", " ", "#SKONTO#TAGE=7#", "x"]),
    ),
    st.just(("invoice", "bank", BankAccount())),
    st.just(("invoice", "bank", BankAccount("Bank", account="123"))),
)


def spoilt(invoice: Invoice, spoils: list[tuple[str, str, Any]]) -> Invoice:
    for owner, field, value in spoils:
        if owner == "invoice":
            invoice = replace(invoice, **{field: value})
        else:
            given_value: Any = (value,) if field == "address" else value
            invoice = replace(invoice, **{owner: replace(getattr(invoice, owner), **{field: given_value})})
    return invoice


@_more
@given(cases(whole=True), st.lists(_SPOILS, min_size=1, max_size=3))
def test_what_a_network_refuses_is_asked_for_before(case: Case, spoils: list[tuple[str, str, Any]]) -> None:
    """A field that is emptied or wrong: where nothing is asked for, schemas, rules and the network accept."""
    invoice = spoilt(case.invoice, spoils)
    for profile, syntax in _FORMATS:
        if requirements(replace(invoice, profiles=(profile,))):
            continue
        xml = to_xml(invoice, syntax, profile)
        unlisted = {problem.source for problem in validate(xml, syntax)}
        assert unlisted <= _CODE_LISTS, (profile, syntax)
        if (profile, syntax) in STYLESHEETS and not unlisted:
            assert refused(xml, profile, syntax) == [], (profile, syntax)
