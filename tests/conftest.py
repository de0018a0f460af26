"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No deadline for one example, nor for all of their making: a loaded machine is slow, not wrong. A test that names
# health checks of its own names this one too. In CI the examples are the same in every run.
settings.register_profile(
    "house", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")
