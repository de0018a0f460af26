"""Identifiers that are known to be wrong by the scheme that they claim, as Peppol checks them.

Source: PEPPOL-COMMON-R040 to R043, R049, R050 (Peppol BIS Billing 3.0). Codes are those of ISO 6523 (ICD), which are
electronic address schemes (EAS) as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping


def _gln_fits(number: str) -> bool:
    """GS1: weights 3 and 1 from the right, check digit modulo 10."""
    if not re.fullmatch("[0-9]{2,}", number):
        return False
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(number[:-1])))
    return -weighted % 10 == int(number[-1])


def norwegian_number_fits(number: str) -> bool:
    """Organisasjonsnummer: nine digits, weights 3 2 7 6 5 4 3 2, check digit modulo 11."""
    if not re.fullmatch("[0-9]{9}", number):
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(number[:-1], (3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    return -weighted % 11 == int(number[-1])


def swedish_number_fits(number: str) -> bool:
    """Organisationsnummer: ten digits with the check digit of Luhn."""
    if not re.fullmatch("[0-9]{10}", number):
        return False
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(number[:-1])]
    return -sum(value // 10 + value % 10 for value in doubled) % 10 == int(number[-1])


def _belgian_number_fits(number: str) -> bool:
    """Two check digits: 97 less the rest of the first eight by 97."""
    if not re.fullmatch("[0-9]{10}", number):
        return False
    return 97 - int(number[:8]) % 97 == int(number[8:])


def _danish_number_fits(number: str) -> bool:
    return re.fullmatch("DK[0-9]{8}", number) is not None


def _australian_number_fits(number: str) -> bool:
    """ABN: eleven digits, the first less one, weights 10 1 3 5 ... 19, divisible by 89."""
    if not re.fullmatch("[0-9]{11}", number):
        return False
    digits = [int(digit) for digit in number]
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    weighted = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
    return (weighted - weights[0]) % 89 == 0


_SCHEMES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "0007": ("Swedish organisation number: 10 digits, the last a check digit", swedish_number_fits),
    "0088": ("GLN: digits, the last a check digit", _gln_fits),
    "0151": ("Australian Business Number: 11 digits with check digits", _australian_number_fits),
    "0184": ("Danish CVR number: DK and 8 digits", _danish_number_fits),
    "0192": ("Norwegian organisation number: 9 digits, the last a check digit", norwegian_number_fits),
    "0208": ("Belgian enterprise number: 10 digits, the last two check digits", _belgian_number_fits),
}


def misfit(scheme: str, value: str) -> str:
    """What a value of a scheme should have been, where it is not; "" where nothing is wrong or known of the scheme."""
    if not value or scheme not in _SCHEMES:
        return ""
    name, fits = _SCHEMES[scheme]
    return "" if fits(value) else name
