"""The contract suite of RedmineSource on the lab's real Redmine."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_SUITE = Path(__file__).parents[1] / "contract" / "test_redmine_contract.py"

pytestmark = pytest.mark.live

_spec = importlib.util.spec_from_file_location("redmine_contract_suite", _SUITE)
assert _spec is not None and _spec.loader is not None
_suite = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_suite)
# Tests and fixtures become this module's own; `tracker` is the one of tests/live/conftest.py.
globals().update({name: value for name, value in vars(_suite).items() if name.startswith(("test_", "open_source"))})


def test_the_whole_suite_is_here() -> None:
    """A suite that was not found would pass in silence."""
    assert sum(name.startswith("test_") for name in globals()) > 12
