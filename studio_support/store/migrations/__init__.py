"""Alembic's scripts, shipped inside the package: a store is made and upgraded wherever it is installed."""
