"""`python -m studio_lab COMMAND …`: what the scripts lab/up, lab/seed and the others call."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
