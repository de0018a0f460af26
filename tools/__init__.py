"""What keeps the house in order: lists, guards and scripts for developers. None of it is in the wheel."""
