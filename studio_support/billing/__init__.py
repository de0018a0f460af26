"""The month end: rates, rounding, plan, ledger, certificate."""
