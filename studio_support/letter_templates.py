"""Templates of letters: ours in a package, a studio's own in a folder, each in place of ours; all run in a sandbox.

Whatever goes wrong in a template, a studio's own may raise anything, is one error that names file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from studio_support.errors import LetterTemplateBroken

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment, Template

HTML_SUFFIX = ".html.j2"


class Templates:
    """The templates of a package, and of a folder where there is one. filters: by the name that templates use.

    What ends with HTML_SUFFIX is escaped; everything else is plain text.
    """

    def __init__(self, package: str, folder: Path | None, filters: Mapping[str, Callable[[str], str]]) -> None:
        self._package = package
        self._folder = folder
        self._filters = dict(filters)
        self._loaded: Environment | None = None

    def written(self, name: str, facts: Mapping[str, object]) -> str:
        """A template with its facts. Raises LetterTemplateBroken."""
        from jinja2 import TemplateSyntaxError

        template: Template | None = None
        try:
            template = self._environment().get_template(name)
            return template.render(facts)
        except TemplateSyntaxError as error:
            raise LetterTemplateBroken(error.filename or name, error.lineno, str(error.message)) from None
        except Exception as error:  # noqa: BLE001 - a template of the studio's own may raise anything
            line = None if template is None else _line_of(error, template)
            raise LetterTemplateBroken(self.file(name), line, _said(error)) from None

    def file(self, name: str) -> Path | str:
        """Where a template stands: the studio's own file, or the name of ours."""
        own = self._folder / name if self._folder is not None else None
        return own if own is not None and own.exists() else name

    def strange(self, names: Collection[str]) -> Iterator[LetterTemplateBroken]:
        """Files of the folder that have none of these names: they would stand for nothing, in silence."""
        if self._folder is None:
            return
        if not self._folder.is_dir():
            yield LetterTemplateBroken(self._folder, None, "there is no such folder")
            return
        for file in sorted(self._folder.glob("*.j2")):
            if file.name not in names:
                yield LetterTemplateBroken(file, None, f"no letter has this name; names are like {min(names)}")

    def _environment(self) -> Environment:
        from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, select_autoescape
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        if self._loaded is None:
            loaders: list[BaseLoader] = [PackageLoader(self._package)]
            if self._folder is not None:
                loaders.insert(0, FileSystemLoader(self._folder))
            self._loaded = ImmutableSandboxedEnvironment(
                loader=ChoiceLoader(loaders),
                undefined=StrictUndefined,
                autoescape=select_autoescape(enabled_extensions=(HTML_SUFFIX.lstrip("."),)),
                trim_blocks=True,
                lstrip_blocks=True,
            )
            self._loaded.filters.update(self._filters)
        return self._loaded


def _line_of(error: BaseException, template: Template) -> int | None:
    """The line of the template at which it failed."""
    line: int | None = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == template.filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
