"""studio-support.toml, clients/*.toml and people.toml: read strictly, every fault named with what would be right.

Names are loaded when asked for: pydantic is the dearest import of the product, and `--help` does without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio_support.config.client_book import ClientBook as ClientBook
    from studio_support.config.client_book import load_clients as load_clients
    from studio_support.config.people_file import People as People
    from studio_support.config.people_file import load_people as load_people
    from studio_support.config.secrets import Secret as Secret
    from studio_support.config.settings import Settings as Settings
    from studio_support.config.settings import find_config as find_config
    from studio_support.config.settings import load_settings as load_settings

_HOMES = {
    "ClientBook": "client_book",
    "People": "people_file",
    "Secret": "secrets",
    "Settings": "settings",
    "find_config": "settings",
    "load_clients": "client_book",
    "load_people": "people_file",
    "load_settings": "settings",
}
__all__ = [  # noqa: PLE0604  # strings all: the keys of a dict of strings
    *_HOMES
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"studio_support.config.{_HOMES[name]}"), name)
    raise AttributeError(name)
