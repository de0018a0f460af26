"""The bridge: tickets to issues and back, by a pass that reads both sides, plans, and applies the plan."""
