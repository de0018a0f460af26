"""Fakes of the servers, shipped for tests: real sockets on loopback, the habits seen on real servers."""

from studio_support.testing.otrs import FakeZnuny
from studio_support.testing.redmine import FakeRedmine, Fault

__all__ = ["FakeRedmine", "FakeZnuny", "Fault"]
