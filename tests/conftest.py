"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline for one example: a loaded machine is slow, not wrong. In CI the examples are the same in every run.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")
