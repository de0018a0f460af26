"""Words of a search as Znuny's full text knows them: its index leaves signs and short words out, so the search has to.

Its factory settings: `Ticket::SearchIndex::Filters`, and three letters for the shortest word.
"""

from __future__ import annotations

import re

_SIGNS = re.compile(r"""[,&<>?"!*|;\[\]()+$^=%«»„“”]""")
_EDGES = "':.-–—/#"
SHORTEST = 3


def sought(text: str) -> tuple[str, ...]:
    """The words to look for, each once; short ones count only where there are no others. Empty: nothing to look for."""
    bare = (_SIGNS.sub("", word).strip(_EDGES) for word in text.split())
    words = tuple(dict.fromkeys(word for word in bare if word))
    return tuple(word for word in words if len(word) >= SHORTEST) or words
