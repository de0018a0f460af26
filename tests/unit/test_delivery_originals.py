"""Names of the files that originals are kept in."""

from __future__ import annotations

import pytest

from studio_support.delivery.originals import safe_name


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("2026-0001", "2026-0001"),
        ("СЧ-17", "СЧ-17"),
        ("A/17", "A%2F17"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        (".hidden", "%2Ehidden"),
        ("17 %2F", "17%20%252F"),
    ],
)
def test_a_number_becomes_a_file_name_that_leads_nowhere_else(number: str, name: str) -> None:
    assert safe_name(number) == name
