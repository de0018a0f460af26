"""Unions of countries, by their codes of ISO 3166: whose VAT law is common, and whose banks understand SEPA.

As of November 2026: the European Union has 27 members; SEPA's schemes are those of EPC409-09.
"""

from __future__ import annotations

# Greece is GR among countries and EL in VAT numbers
EU_COUNTRIES = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
        *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
EEA_COUNTRIES = EU_COUNTRIES | {"IS", "LI", "NO"}
SEPA_COUNTRIES = EEA_COUNTRIES | {"AD", "AL", "CH", "GB", "GI", "MC", "MD", "ME", "MK", "RS", "SM", "VA"}
