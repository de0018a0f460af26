"""Redmine, read: whole months of booked time, and Redmine's CSV export given by a person."""
