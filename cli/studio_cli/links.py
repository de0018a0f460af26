"""`links`: what is done to all links at once, and how a web server hands them out."""

from __future__ import annotations

import os
from typing import Literal

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.groups import Group


@click.group(cls=Group, short_help="All links: take down, change the secret, web servers.")
def links() -> None:
    """All links at once: take down what has expired, change the secret, set a web server up."""


@links.command()
@click.pass_obj
def sweep(context: Context) -> int:
    """Take down what has expired or was taken back.

    An expired link leaves a page without amounts that says whom to ask; a link taken back leaves nothing. Originals
    stay. `sync run` does this too.
    """
    from studio_cli.link_tables import show_swept

    show_swept(context, context.studio(writes=True).links.sweep())
    return DONE


@links.command()
@click.option("--new-secret-env", "variable", metavar="NAME", help="Variable that holds the new secret.")
@click.pass_obj
def rotate(context: Context, variable: str | None) -> int:
    """Change the secret that links are made with.

    Links that were given out work until they expire; those shown and mailed from now on are made with the new secret.
    With [links] secret_file a new secret is made and put there. Otherwise put one into a variable and name it here.
    Interrupted, it is finished by being run again.
    """
    from studio_cli.link_tables import show_rotated
    from studio_support.config.secrets import Secret

    if variable is not None and not os.environ.get(variable):
        raise click.BadParameter(f"The variable {variable} is empty or not set.", param_hint="--new-secret-env")
    studio = context.studio(writes=True)
    done = studio.links.rotate(Secret(os.environ[variable].strip()) if variable else None)
    show_rotated(context, done, studio.config.links.secret_env or "the secret")
    return PARTLY if done.problems else DONE


@links.command()
@click.argument("server", type=click.Choice(["nginx", "apache"]))
@click.pass_obj
def webserver(context: Context, server: Literal["nginx", "apache"]) -> int:
    """Print a web server's configuration for the published folder.

    With the headers that keep invoices private, and the styles of all pages that are published now.
    """
    from studio_cli.streams import write

    write(context.studio().links.web_server(server))
    return DONE
