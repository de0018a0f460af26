"""Where the operations of the web service are reached. The web service is a site's own, so every route can be changed.

The defaults are those of webservice.yml beside this file, which a site can import. `TicketGet` goes by a POST route:
ids in a path or a query end up in access logs, and long lists do not fit into a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from studio_support.errors import ConfigError

WEB_SERVICE_FILE = "webservice.yml"
DEFAULTS = {
    "SessionCreate": "POST /Session",
    "SessionGet": "GET /Session/:SessionID",
    "SessionRemove": "DELETE /Session/:SessionID",
    "TicketCreate": "POST /Ticket",
    "TicketGet": "POST /TicketList",
    "TicketSearch": "POST /TicketSearch",
    "TicketUpdate": "PATCH /Ticket/:TicketID",
    "TicketHistoryGet": "POST /TicketHistory/:TicketID",
}
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
# A query holds flat values only, and one for a dynamic field is ignored in silence: every ticket would come.
_NO_QUERY = frozenset({"TicketSearch", "TicketCreate", "TicketUpdate", "SessionCreate"})


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, in which :Name stands for a value."""

    operation: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, values: Mapping[str, object]) -> str:
        """The path with its values, lists with commas; one that is not given stands as "-"."""
        return re.sub(r":(\w+)", lambda found: quote(_joined(values.get(found[1], "-")), safe=","), self.path)

    def names(self) -> frozenset[str]:
        """The values that the path holds."""
        return frozenset(re.findall(r":(\w+)", self.path))


def _joined(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def routes_of(configured: Mapping[str, str], file: str = "studio-support.toml") -> dict[str, Route]:
    """All routes, the configured ones before the defaults. Raises ConfigError naming the key."""
    unknown = sorted(set(configured) - set(DEFAULTS))
    if unknown:
        raise ConfigError(file, f"otrs.routes.{unknown[0]}", "is no operation", f"Known are {', '.join(DEFAULTS)}.")
    return {name: _route(name, configured.get(name, default), file) for name, default in DEFAULTS.items()}


def _route(operation: str, told: str, file: str) -> Route:
    found = _ROUTE.fullmatch(told.strip())
    example = f'Write {operation} = "{DEFAULTS[operation]}".'
    if found is None:
        raise ConfigError(file, f"otrs.routes.{operation}", f"is {told!r}, not a method and a path", example)
    if found[1] == "GET" and operation in _NO_QUERY:
        wrong = "is a GET route, which takes neither dynamic fields nor articles"
        raise ConfigError(file, f"otrs.routes.{operation}", wrong, example)
    return Route(operation, found[1], found[2])
