"""The lab: real servers on loopback, brought up from Debian's packages for trying and testing.

It stands beside the product and knows nothing of it, except for the files that `seed --write-config` writes and the
web service that Znuny is given.
Standard library only, so that it runs before any environment of the project exists.
"""
