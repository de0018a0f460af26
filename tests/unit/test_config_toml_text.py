"""What is written as TOML reads back as the same value."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.config.toml_text import document_text, value_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.one_of(TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.dates(min_value=date(1, 1, 1)))
VALUES = st.recursive(PLAIN, lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXTS, inner)), max_leaves=8)


@given(VALUES)
def test_any_value_reads_back(value: object) -> None:
    assert tomllib.loads(f"v = {value_text(value)}") == {"v": value}


@given(st.dictionaries(TEXTS, st.one_of(PLAIN, st.lists(st.dictionaries(TEXTS, PLAIN), min_size=1))))
def test_a_document_reads_back(table: dict[str, object]) -> None:
    """Plain keys come before the lists of tables, whatever their order was."""
    assert tomllib.loads(document_text(table)) == table


def test_a_document_looks_like_a_file_of_a_client() -> None:
    table = {"id": "acme", "rates": [{"from": date(2026, 1, 1), "per_hour": "95.00"}], "name": 'A "B" \\ C\t\x7f'}
    assert document_text(table) == (
        'id = "acme"\nname = "A \\"B\\" \\\\ C\\t\\u007F"\n\n[[rates]]\nfrom = 2026-01-01\nper_hour = "95.00"\n'
    )


def test_money_is_not_written_as_a_number() -> None:
    with pytest.raises(TypeError):
        value_text(95.5)
