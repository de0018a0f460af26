"""Groups of commands: in the order of the work, not of the alphabet, with what was meant when a name is wrong."""

from __future__ import annotations

import click


class Group(click.Group):
    """A group that lists its commands as they were written down and names the nearest one for a wrong name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        known = self.list_commands(ctx)
        if name and name not in known and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1)
            hint = f' Did you mean "{near[0]}"?' if near else f" There are: {', '.join(known)}."
            raise click.UsageError(f'No such command "{name}".{hint}', ctx)
        return super().resolve_command(ctx, args)
