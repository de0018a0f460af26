"""What docs/how-to/publish.md shows of web servers is what `links webserver` prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from studio_support.delivery.web_config import apache, nginx
from tools import tree

Make = Callable[[str, PurePosixPath, tuple[str, ...]], str]


@pytest.mark.parametrize("make", [nginx, apache])
def test_the_how_to_shows_the_configuration_that_is_printed(make: Make) -> None:
    how_to = (tree.ROOT / Path("docs/how-to/publish.md")).read_text("utf-8")
    made = make("https://invoices.studio.example", PurePosixPath("/srv/studio/published"), ("'sha256-…'",))
    assert f"```{make.__name__}\n{made}```\n" in how_to
