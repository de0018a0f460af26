"""Requests a second of `serve` and of nginx over the published folder, and a right link among a flood of others.

Both serve the same documents, one process each, on one machine with the client: what counts are ratios within a run.
nginx is measured where it is installed. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.web_client import ask
from tests.world import ENVIRON, OCTOBER, SETTINGS, keep_reading, make_reading, open_studio, write_world

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
CONNECTIONS = 16
ROUNDS = 5
DOCUMENTS = 20

NGINX = """\
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; application/pdf pdf; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    sendfile on;
    keepalive_requests 1000000;
    include {folder}/site.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, **options: Any) -> Iterator[None]:
    process = subprocess.Popen(command, **options)
    try:
        deadline = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not listen on {port}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def wrong(count: int = 5000) -> list[bytes]:
    return [f"/{secrets.token_urlsafe(32)}/invoice.html".encode() for _ in range(count)]


def measured(port: int, pages: list[bytes]) -> dict[str, float]:
    """Requests a second for pages, PDFs and wrong links; every answer is the one that is due."""
    pdfs = [page.replace(b".html", b".pdf") for page in pages]
    found = {}
    for name, paths, status in (("page", pages, 200), ("pdf", pdfs, 200), ("nothing", wrong(), 404)):
        crowd, _ = ask(port, paths, CONNECTIONS, SECONDS)
        assert crowd.statuses.keys() == {status}, crowd.statuses
        found[name] = crowd.per_second
    return found


def flood(port: int, pages: list[bytes]) -> dict[str, Any]:
    """How long a right link takes among right ones and among wrong ones, in milliseconds; medians of rounds."""
    rounds: dict[str, list[tuple[float, float]]] = {"right": [], "wrong": []}
    for _ in range(ROUNDS):
        for name, paths in (("right", pages), ("wrong", wrong())):
            _, alone = ask(port, paths, CONNECTIONS, SECONDS / 2, probe=pages[0])
            assert alone.statuses.keys() == {200}
            cuts = statistics.quantiles(alone.times, n=20)
            rounds[name].append((cuts[9] * 1000, cuts[18] * 1000))
    figures = {
        f"{name}_{what}": statistics.median(row[place] for row in rows)
        for name, rows in rounds.items()
        for place, what in enumerate(("median_ms", "p95_ms"))
    }
    return {
        **figures,
        "ratio_of_medians": figures["wrong_median_ms"] / figures["right_median_ms"],
        "ratio_of_p95": figures["wrong_p95_ms"] / figures["right_p95_ms"],
    }


def main() -> None:
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    port, static = free_port(), free_port()
    folder = root / "studio"
    settings = SETTINGS.replace("https://invoices.studio.example", f"http://127.0.0.1:{static}")
    write_world(folder, DOCUMENTS, settings=settings)
    studio = open_studio(folder)
    studio.close_month(OCTOBER, source=keep_reading(make_reading(DOCUMENTS, 60), root / "reading"))
    links = [studio.links.show(f"2026-{number:04d}").link for number in range(1, DOCUMENTS + 1)]
    pages = [b"/" + link.split("/", 3)[3].encode() for link in links]
    result: dict[str, Any] = {"connections": CONNECTIONS, "documents": DOCUMENTS}
    at = "2026-11-02T09:00:00Z"
    command = [sys.executable, "-m", "studio_cli", "--as-of", at, "--config", str(folder / "studio-support.toml")]
    command += ["serve", "--port", str(port), "--misses", "0", "--log", str(root / "fetches.log")]
    with running(command, port, env={**os.environ, **ENVIRON}, stderr=subprocess.DEVNULL):
        result["serve"] = measured(port, pages)
        result["flood"] = flood(port, pages)
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx:
        (root / "site.conf").write_text(studio.links.web_server("nginx"))
        user = "user root;" if os.getuid() == 0 else ""
        (root / "nginx.conf").write_text(NGINX.format(folder=root, user=user))
        with running([nginx, "-c", str(root / "nginx.conf"), "-p", str(root)], static, stderr=subprocess.DEVNULL):
            result["nginx"] = measured(static, pages)
    shutil.rmtree(root)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
