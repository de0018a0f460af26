"""Control digits that banks put into accounts and references, as plain arithmetic.

Russian account keys: Bank of Russia, order of calculation of the control key (08.09.1997 No. 515): three digits of the
БИК and the account's twenty, weights 7, 1, 3, sum of last digits divisible by ten. IBAN and creditor reference (RF):
ISO 7064 mod 97-10. Swiss QR reference: modulo 10 recursive, 27 digits.
"""

from __future__ import annotations

import re

_WEIGHTS = (7, 1, 3)
_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_BIC = re.compile("[0-9]{9}")
_ACCOUNT = re.compile("[0-9]{20}")
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
_REFERENCE = re.compile("RF[0-9]{2}[0-9A-Z]{1,21}")
_QR_REFERENCE = re.compile("[0-9]{27}")


def solid(number: str) -> str:
    """The number without the blanks that it is printed with, in capital letters."""
    return re.sub(r"\s", "", number).upper()


def ru_bic_fits(bic: str) -> bool:
    """Whether this can be a БИК: nine digits."""
    return _BIC.fullmatch(bic) is not None


def ru_account_fits(account: str, bic: str) -> bool:
    """Whether the key of a settlement account (расчётный счёт, 20 digits) fits its bank: 044030653, …24248 -> True."""
    return _key_fits(account, bic, bic[-3:])


def ru_correspondent_fits(account: str, bic: str) -> bool:
    """Whether the key of a correspondent account (20 digits, begins with 301) fits its bank."""
    return account.startswith("301") and _key_fits(account, bic, f"0{bic[4:6]}")


def _key_fits(account: str, bic: str, prefix: str) -> bool:
    if not ru_bic_fits(bic) or _ACCOUNT.fullmatch(account) is None:
        return False
    digits = map(int, prefix + account)
    return sum(digit * _WEIGHTS[i % 3] % 10 for i, digit in enumerate(digits)) % 10 == 0


def iban_fits(iban: str) -> bool:
    """Whether an IBAN has its form and its two check digits; the format of its country is not looked at."""
    compact = solid(iban)
    return _IBAN.fullmatch(compact) is not None and _mod_97(compact) == 1


def creditor_reference_fits(reference: str) -> bool:
    """Whether this is a creditor reference of ISO 11649: RF18 5390 0754 7034 -> True."""
    compact = solid(reference)
    return _REFERENCE.fullmatch(compact) is not None and _mod_97(compact) == 1


def qr_reference_fits(reference: str) -> bool:
    """Whether this is a Swiss QR reference: 27 digits, the last of which is the check digit; not all zeros."""
    compact = solid(reference)
    if _QR_REFERENCE.fullmatch(compact) is None or not compact.strip("0"):
        return False
    carry = 0
    for digit in compact[:-1]:
        carry = _CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(compact[-1])


def is_qr_iban(iban: str) -> bool:
    """Whether a Swiss or Liechtenstein IBAN is a QR-IBAN (institution 30000 to 31999), which wants a QR reference."""
    compact = solid(iban)
    return compact[:2] in ("CH", "LI") and compact[4:9].isdigit() and 30000 <= int(compact[4:9]) <= 31999


def grouped_reference(reference: str) -> str:
    """As payment slips print it: RF18 5390 0754 7034, and 21 00000 00003 13947 14300 09017 for a QR reference."""
    compact = solid(reference)
    if _QR_REFERENCE.fullmatch(compact):
        return " ".join([compact[:2], *(compact[i : i + 5] for i in range(2, 27, 5))])
    if _REFERENCE.fullmatch(compact):
        return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4))
    return reference


def _mod_97(compact: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97
