"""Tickets of OTRS and Znuny over their REST interface: values, mapping, a thin client."""
