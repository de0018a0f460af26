"""nginx and Apache of the machine over a published folder, set up by what `links webserver` prints and no word more.

What stands around it is what Debian's packages put there. Both run under the user of web servers where the tests run
as root, so that what they may not read shows.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

from tests.web_site import Reply

CERTIFICATE = Path(__file__).parent / "flow" / "delivery" / "tls" / "mx.pem"
KINDS = ("nginx", "apache")
_SECONDS = 30

_NGINX = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/server.log error;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
_MODULES = (
    *("mpm_event", "access_compat", "alias", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_host"),
    *("authz_user", "autoindex", "deflate", "dir", "env", "filter", "mime", "negotiation", "reqtimeout", "setenvif"),
    *("status", "headers", "rewrite", "socache_shmcb", "ssl"),
)
_APACHE = """\
ServerRoot "/etc/apache2"
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
Mutex file:{folder} default
{user}
{modules}
TypesConfig /etc/mime.types
ErrorLog {folder}/server.log
LogLevel warn
LogFormat "%h %r %>s" combined
CustomLog {folder}/access.log combined
ServerName localhost
Listen {listen}
<Directory />
    Options FollowSymLinks
    AllowOverride None
    Require all denied
</Directory>
Include {folder}/site.conf
"""


@contextmanager
def web_server(kind: str, configuration: str, base_url: str, folder: Path) -> Iterator[Path]:
    """Runs a server with this configuration until the block ends; gives the folder of its logs.

    base_url: on localhost, with a port. folder: where all that it writes goes, open to everybody.
    """
    root = os.getuid() == 0
    port = int(base_url.split(":")[2].split("/")[0])
    host = "localhost" if base_url.startswith("https") else "127.0.0.1"
    pem = f"/etc/ssl/{host}"
    configuration = configuration.replace(f"{pem}.pem", str(CERTIFICATE)).replace(f"{pem}.key", str(CERTIFICATE))
    if not _has_ipv6():
        kept = (line for line in configuration.splitlines() if "listen [::]" not in line)
        configuration = "\n".join(kept)
    (folder / "site.conf").write_text(configuration)
    if kind == "nginx":
        whole = _NGINX.format(user="user www-data;" if root else "", folder=folder)
        command = [_found("nginx"), "-p", str(folder), "-c", str(folder / "server.conf")]
    else:
        user = "User www-data\nGroup www-data" if root else ""
        paths = ((name, Path(f"/usr/lib/apache2/modules/mod_{name}.so")) for name in _MODULES)
        modules = "\n".join(f"LoadModule {name}_module {path}" for name, path in paths if path.exists())
        whole = _APACHE.format(user=user, folder=folder, modules=modules, listen=port)
        command = [_found("apache2"), "-f", str(folder / "server.conf"), "-D", "FOREGROUND"]
    (folder / "server.conf").write_text(whole)
    with (folder / "server.out").open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
    try:
        until = time.monotonic() + _SECONDS
        while not _listens(port):
            assert process.poll() is None, (folder / "server.out").read_text()
            assert time.monotonic() < until, f"{kind} does not listen"
            time.sleep(0.05)
        yield folder
    finally:
        process.terminate()
        process.wait(_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(base_url: str, path: str, method: str = "GET", **headers: str) -> Reply:
    """What the server answers; its date, its own name and what comes of the kind of connection left out."""
    host = base_url.split("//")[1].split("/")[0]
    if base_url.startswith("https"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(host, timeout=20, context=context)
    else:
        connection = HTTPConnection(host, timeout=20)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        kept = {k.lower(): v for k, v in answer.getheaders() if k.lower() not in {"date", "server", "connection"}}
        return Reply(answer.status, kept, answer.read())
    finally:
        connection.close()


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _found(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert path, f"{name} is not there: run these tests by `make browser`"
    return path
