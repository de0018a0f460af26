"""Every check of `doctor`, in modules by what they look at; `examine` runs them all."""

from studio_support.doctor.check import Check
from studio_support.doctor.examine import examine

__all__ = ["Check", "examine"]
