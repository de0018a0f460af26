"""Bundled data of `demo`, and the month end on it."""
