"""Rules of the house that no linter knows, each a function from a file's text to what is wrong in it.

The tests in tests/unit/test_frame_tree.py run them over the tree, and over bad samples to show that they can fail.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

MODULE_LINES = 400
FUNCTION_LINES = 60

# Written in two parts, so that this file does not hold what it looks for.
_HOSTS = [
    ("py" + "pi", "org"),
    ("python" + "hosted", "org"),
    ("npm" + "js", "(com|org)"),
    ("deb.deb" + "ian", "org"),
    ("security.deb" + "ian", "org"),
]
INDEX_HOST = re.compile("|".join(rf"\b{name}\.{end}\b" for name, end in _HOSTS))

_HOMES = "|".join(
    ["wo" + "rk", "ro" + "ot", "ho" + r"me/\w+", "Us" + r"ers/\w+", "o" + "pt/(wheels|py" + "pi)", "tmp/br" + "ief"]
)
MACHINE_PATH = re.compile(rf"(?<![\w.~}}>)*:/$-])/({_HOMES})(?=[/\s\"'`,;:)]|$)")

DIRECTIVE = re.compile(r"#\s*(type:\s*ignore|noqa|pragma:\s*no)")
_DIRECTIVE_ITSELF = re.compile(
    r"#\s*(type:\s*ignore(\[[\w\s,-]*\])?|noqa(:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*)?|pragma:\s*no\s*(cover|branch))"
)
_WORD = re.compile(r"[^\W\d_]+")

_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
_CLOCKS |= {("time", name) for name in ("time", "time_ns", "localtime", "gmtime", "strftime", "ctime", "asctime")}
_IMPURE_CALLS = {"open", "input", "print", "exec", "eval", "breakpoint", "__import__"}
_IMPURE_METHODS = frozenset(
    ["read_text", "read_bytes", "write_text", "write_bytes", "open", "touch", "unlink", "mkdir", "rmdir"]
) | frozenset(["iterdir", "glob", "rglob", "exists", "is_file", "is_dir", "stat", "lstat", "chmod", "cwd", "home"])


def too_long(text: str) -> list[str]:
    """A module over 400 lines, functions over 60, counted from `def` (decorators and all inner functions apart)."""
    lines = len(text.splitlines())
    faults = [f"{lines} lines, {MODULE_LINES} are allowed"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                faults.append(f"{node.lineno}: {node.name} has {length} lines, {FUNCTION_LINES} are allowed")
    return faults


def foreign_places(text: str) -> list[str]:
    """Lines that name a package index's host, or an absolute path that exists on one machine only."""
    return [
        f"{number}: {found[0]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for found in [INDEX_HOST.search(line) or MACHINE_PATH.search(line)]
        if found
    ]


def unreasoned(text: str) -> list[str]:
    """Silenced checks and caught `Exception`s without a reason: on the line, alone above it, or (except) below it."""
    comments = _comments(text)
    faults = [
        f"{number}: {comment.strip()}"
        for number, (comment, _) in comments.items()
        if DIRECTIVE.search(comment) and not _is_reason(comment) and not _stands_above(comments, number)
    ]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node):
            beside = comments.get(node.lineno, ("", False))[0]
            below = any(comments.get(number, ("", False))[1] for number in range(node.lineno + 1, node.body[0].lineno))
            if not (_is_reason(beside) or below or _stands_above(comments, node.lineno)):
                faults.append(f"{node.lineno}: except without a reason")
    return faults


def _comments(text: str) -> dict[int, tuple[str, bool]]:
    """Comment by line, and whether it stands alone there and says something."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            alone = token.line.strip().startswith("#")
            found[token.start[0]] = (token.string, alone and _is_reason(token.string))
    return found


def _is_reason(comment: str) -> bool:
    words = _WORD.findall(_DIRECTIVE_ITSELF.sub("", comment))
    return len(words) >= 2 or words == ["likewise"]


def _stands_above(comments: dict[int, tuple[str, bool]], number: int) -> bool:
    return comments.get(number - 1, ("", False))[1]


def _catches_all(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False  # it cleans up and lets it pass
    if node.type is None:
        return True
    types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"} for kind in types)


def clocks(tree: ast.Module) -> list[str]:
    """Where the machine's clock is asked for the day or the time (a monotonic clock that measures is none)."""
    return [
        f"{node.lineno}: {owner}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        for owner in [_last_name(node.value)]
        if (owner, node.attr) in _CLOCKS
    ]


def impurities(tree: ast.Module) -> list[str]:
    """What has no place in a pure room: clocks, files, consoles, the interpreter's own state."""
    return clocks(tree) + list(_impure_calls(tree))


def _impure_calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _IMPURE_CALLS:
            yield f"{node.lineno}: {node.func.id}()"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _IMPURE_METHODS:
            yield f"{node.lineno}: .{node.func.attr}()"
        elif isinstance(node, ast.Attribute) and _last_name(node.value) == "sys" and node.attr != "intern":
            yield f"{node.lineno}: sys.{node.attr}"
        elif isinstance(node, ast.Global):
            yield f"{node.lineno}: global {', '.join(node.names)}"


def imported_names(tree: ast.Module) -> set[str]:
    """The full names of what a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def host_habits(tree: ast.Module) -> list[str]:
    """What a library must leave to its host: ending the process, and where the log goes."""
    forbidden = {("sys", "exit"), ("os", "_exit"), ("logging", "basicConfig")}
    faults = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = _last_name(node.value)
            if (owner, node.attr) in forbidden or node.attr == "addHandler":
                faults.append(f"{node.lineno}: {owner}.{node.attr}")
        elif isinstance(node, ast.Raise) and _last_name(_raised(node)) == "SystemExit":
            faults.append(f"{node.lineno}: raise SystemExit")
    return faults


def _raised(node: ast.Raise) -> ast.expr | None:
    return node.exc.func if isinstance(node.exc, ast.Call) else node.exc


def _last_name(node: ast.expr | None) -> str:
    """`datetime` of both `datetime` and `datetime.datetime`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
