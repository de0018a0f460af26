"""Models of files into the frozen values that the plan works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from studio_invoices.model import BankAccount, Party
from studio_support.billing.terms import Client, Only, RateRow, Rounding, Rule, Seller, TaxRow
from studio_support.config.agreements import BillingSection, FieldValue, RateTable, RoundingTable, RuleTable, TaxTable
from studio_support.config.client_file import ClientFile
from studio_support.config.sections import BankTable, SellerTable


def rate_rows(rows: Sequence[RateTable], where: str) -> tuple[RateRow, ...]:
    """Rates with the file and row that each comes from."""
    return tuple(
        RateRow(row.from_day, row.per_hour, row.specialist, row.activity, f"{where}[{number}]")
        for number, row in enumerate(rows, start=1)
    )


def tax_rows(rows: Sequence[TaxTable], where: str) -> tuple[TaxRow, ...]:
    """Taxes with the file and row that each comes from."""
    return tuple(
        TaxRow(row.from_day, row.category, _percent(row.rate), row.prices, row.reason, f"{where}[{number}]")
        for number, row in enumerate(rows, start=1)
    )


def _percent(rate: Decimal | None) -> Decimal:
    """As few decimals as needed, so that "19.0" and "19" print alike."""
    if not rate:
        return Decimal(0)
    whole = rate.to_integral_value()
    return whole if rate == whole else rate.normalize()


def rounding_of(table: RoundingTable, base: Rounding = Rounding()) -> Rounding:  # noqa: B008  # frozen value
    """The table's own keys; for those it leaves out, the studio's."""
    given = table.model_fields_set
    return Rounding(
        table.increment_minutes if "increment_minutes" in given else base.increment_minutes,
        table.mode if "mode" in given else base.mode,
        table.per if "per" in given else base.per,
    )


def _pair(field: FieldValue | None) -> tuple[str, str] | None:
    return None if field is None else (field.name, field.value)


def rule_of(table: RuleTable) -> Rule:
    """A rule for time that is not billed by the hour."""
    return Rule(
        billed_as=table.billed_as,
        activity=table.activity,
        tracker=table.tracker,
        project=table.project,
        issue_field=_pair(table.issue_field),
        entry_field=_pair(table.entry_field),
        show=table.show,
        label=tuple(sorted(table.label.items())),
    )


def _bank(table: BankTable) -> BankAccount:
    return BankAccount(
        name=table.name,
        bic=table.bic or "",
        account=table.account or "",
        iban=table.iban or "",
        correspondent_account=table.correspondent_account or "",
        currency=table.currency or "",
        holder=table.holder,
    )


def seller_of(key: str, table: SellerTable, billing: BillingSection) -> Seller:
    """A seller with its banks and series; what it leaves out of the series is [billing]'s."""
    party = Party(
        name=table.name,
        address=table.address,
        country=table.country,
        vat_id=table.vat_id or "",
        tax_number=table.tax_number or "",
        inn=table.inn or "",
        kpp=table.kpp or "",
        ogrn=table.ogrn,
        director=table.director,
        accountant=table.accountant,
        email=table.email,
        postcode=table.postcode,
        city=table.city,
        contact_name=table.contact_name,
        contact_phone=table.contact_phone,
        registration=table.registration,
        registration_scheme=table.registration_scheme,
        electronic_address=table.electronic_address,
        electronic_scheme=table.electronic_scheme,
        website=table.website,
        legal_lines=table.legal_lines,
    )
    return Seller(
        key=key,
        party=party,
        banks=tuple(_bank(bank) for bank in ([table.bank] if table.bank else table.banks)),
        number_format=table.number_format or billing.number_format,
        first_number=table.first_number or billing.first_number,
        cancellation_format=table.cancellation_format or billing.cancellation_format,
        yearly=billing.yearly if table.yearly is None else table.yearly,
        act_format=table.act_format or billing.act_format,
        first_act_number=table.first_act_number or billing.first_act_number,
        notes=table.notes,
    )


def client_of(
    table: ClientFile, file: str, billing: BillingSection, price_lists: Mapping[str, tuple[RateRow, ...]]
) -> Client:
    """A client with its price list resolved; an unknown one is empty here, and a problem of the client book."""
    party = Party(
        name=table.name,
        address=table.address,
        country=table.country or "",
        vat_id=table.vat_id or "",
        tax_number=table.tax_number or "",
        inn=table.inn or "",
        kpp=table.kpp or "",
        ogrn=table.ogrn,
        director=table.director,
        email=table.emails[0] if table.emails else "",
        postcode=table.postcode,
        city=table.city,
        registration=table.registration,
        registration_scheme=table.registration_scheme,
        electronic_address=table.electronic_address,
        electronic_scheme=table.electronic_scheme,
    )
    studio_rounding = rounding_of(billing.rounding)
    return Client(
        id=table.id,
        party=party,
        language=table.language or "",
        currency=table.currency or "",
        redmine_projects=table.redmine_projects,
        rates=rate_rows(table.rates, f"{file}: rates"),
        price_list=price_lists.get(table.price_list, ()),
        tax=tax_rows(table.tax, f"{file}: tax"),
        rounding=studio_rounding if table.rounding is None else rounding_of(table.rounding, studio_rounding),
        seller=table.seller,
        payment_days=billing.payment_days if table.payment_days is None else table.payment_days,
        emails=table.emails,
        attach=table.attach,
        only=_only(table),
        contract_number=table.contract_number,
        contract_date=table.contract_date,
        buyer_reference=table.buyer_reference,
        order_number=table.order_number,
        account_manager=table.account_manager,
        group=table.group,
        debtor_account=table.debtor_account,
        documents=tuple(table.documents),
        profiles=table.e_invoice or (("en16931",) if "xml" in table.attach else ()),
        comments=table.comments,
        draft=table.draft,
        file=file,
    )


def _only(table: ClientFile) -> Only | None:
    if table.only is None:
        return None
    if table.only.issue_field:
        return Only("issue_field", table.only.issue_field, table.only.value)
    return Only("entry_field", table.only.entry_field or "", table.only.value)
