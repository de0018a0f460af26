"""Tickets of OTRS and Znuny: their numbers, the business calendar, and the promise given when one arrives."""
