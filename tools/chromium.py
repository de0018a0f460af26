"""A headless Chromium at the end of a pipe, by the DevTools protocol: for tests of pages, and for pictures of them.

Two pipes and lines of JSON, so that no driver and no library is needed. The browser has a folder of its own, talks to
nobody but the addresses it is given, and ends with the block that it was opened in.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests run as root; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
_PATIENCE_SECONDS = 30.0
_LOADED = "Page.loadEventFired"


class BrowserError(Exception):
    """The browser refused a command, ended, or did not answer in time."""


@dataclass
class Tab:
    """One page. events: what the browser has told of it so far, as (method, parameters)."""

    browser: Browser
    session: str
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _screen: dict[str, Any] = field(default_factory=lambda: {"width": 1280})

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Gives a command and waits for its result."""
        return self.browser.send(method, self.session, params)

    def open(self, address: str) -> None:
        """Opens an address and waits until all of it is loaded."""
        self.events.clear()
        failed = self.send("Page.navigate", url=address).get("errorText")
        if failed:
            raise BrowserError(f"{address}: {failed}")
        self.browser.wait_for(lambda: any(method == _LOADED for method, _ in self.events), "the page to load")

    def value(self, expression: str) -> Any:
        """What an expression gives in the page, promises awaited; works with the page's own scripts off too."""
        done = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise BrowserError(str(done["exceptionDetails"]))
        return done["result"].get("value")

    def screen(self, width: int, height: int = 900, *, scale: float = 1.0, mobile: bool = False) -> None:
        """Gives the page a screen of so many CSS pixels."""
        self._screen = {"width": width, "height": height, "scale": scale, "mobile": mobile}
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def prefer(self, scheme: str = "light", media: str = "screen") -> None:
        """scheme: light or dark. media: screen or print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=media, features=features)

    def picture(self) -> bytes:
        """A PNG of the whole page: the screen is made as high as the page is."""
        self.screen(**{**self._screen, "height": max(1, self.value("document.documentElement.scrollHeight"))})
        return b64decode(self.send("Page.captureScreenshot", format="png")["data"])

    def pdf(self, **options: Any) -> bytes:
        """The page as it is printed; options: those of Page.printToPDF."""
        return b64decode(self.send("Page.printToPDF", **{"preferCSSPageSize": True, **options})["data"])

    def complaints(self) -> list[str]:
        """What the browser complained of since the page was opened: in the console, in its log, or of the network."""
        self.value("0")  # what the page has told before it answers is there by then
        return [text for method, params in self.events if (text := _complaint(method, params))]

    def close(self) -> None:
        """Closes the page."""
        self.browser.send("Target.closeTarget", "", {"targetId": self.browser.targets.pop(self.session)})
        del self.browser.tabs[self.session]


class Browser:
    """A running Chromium."""

    def __init__(self, process: subprocess.Popen[bytes], commands: int, answers: int) -> None:
        self.process = process
        self.tabs: dict[str, Tab] = {}
        self.targets: dict[str, str] = {}
        self._commands, self._answers = commands, answers
        self._held = b""
        self._last = 0
        self._results: dict[int, dict[str, Any]] = {}

    def tab(self) -> Tab:
        """A new page that tells of its console, its log and its network."""
        target = self.send("Target.createTarget", "", {"url": "about:blank"})["targetId"]
        session = self.send("Target.attachToTarget", "", {"targetId": target, "flatten": True})["sessionId"]
        tab = self.tabs[session] = Tab(self, session)
        self.targets[session] = target
        for domain in ("Page", "Runtime", "Log", "Network"):
            tab.send(f"{domain}.enable")
        return tab

    def send(self, method: str, session: str, params: dict[str, Any]) -> dict[str, Any]:
        """Gives a command and waits for its result. Raises BrowserError."""
        self._last += 1
        number = self._last
        command = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        self.wait_for(lambda: number in self._results, method)
        answer = self._results.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for(self, condition: Any, what: str) -> None:
        """Reads what the browser says until the condition holds."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            ready, _, _ = select.select([self._answers], [], [], max(until - time.monotonic(), 0))
            if not ready:
                raise BrowserError(f"waited {_PATIENCE_SECONDS:.0f} s for {what}")
            data = os.read(self._answers, 1 << 20)
            if not data:
                raise BrowserError(f"the browser ended while we waited for {what}")
            *messages, self._held = (self._held + data).split(b"\0")
            for message in messages:
                self._take(json.loads(message))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._results[message["id"]] = message
        elif message.get("sessionId") in self.tabs:
            self.tabs[message["sessionId"]].events.append((message["method"], message["params"]))


def find_chromium() -> str:
    """Where the browser is. Raises BrowserError."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise BrowserError("Chromium is not installed; `make browser` installs it (root on Debian).")


@contextlib.contextmanager
def chromium(*, fonts: Path | None = None) -> Iterator[Browser]:
    """A browser for the time of the block. fonts: a folder of fonts that it has besides the machine's."""
    folder = Path(tempfile.mkdtemp(prefix="studio-chromium-"))
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    environment = dict(os.environ)
    if fonts is not None:
        config = folder / "fonts.conf"
        config.write_text(
            '<?xml version="1.0"?><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
            f"<dir>{fonts}</dir><cachedir>{folder / 'fonts'}</cachedir></fontconfig>"
        )
        environment["FONTCONFIG_FILE"] = str(config)
    command = [find_chromium(), *_FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    # the browser takes commands on descriptor 3 and answers on 4; ours may be any, but neither of these
    commands, answers = (fcntl.fcntl(handle, fcntl.F_DUPFD, 10) for handle in (to_browser, to_us))
    shell = ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "bash", *command]
    with open(folder / "log", "wb") as log:  # noqa: PTH123 - a plain handle for the process
        process = subprocess.Popen(
            shell,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            pass_fds=(commands, answers),
        )
    for handle in (to_browser, to_us, commands, answers):
        os.close(handle)
    browser = Browser(process, from_us, from_browser)
    try:
        yield browser
    finally:
        with contextlib.suppress(BrowserError, OSError):
            browser.send("Browser.close", "", {})
        os.close(from_us)
        os.close(from_browser)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _complaint(method: str, params: dict[str, Any]) -> str:
    if method == "Runtime.exceptionThrown":
        return str(params["exceptionDetails"])
    if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
        return str(params["args"])
    if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
        return f"{params['entry']['text']} {params['entry'].get('url', '')}".rstrip()
    if method == "Network.loadingFailed":
        return f"{params['errorText']} {params.get('blockedReason', '')}"
    return ""
