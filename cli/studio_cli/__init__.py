"""The manager's hands: parse, call, print. No logic that the library lacks."""
