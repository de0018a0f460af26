"""`python -m studio_cli`, the same as `studio-support`."""

from studio_cli.app import main

main()
