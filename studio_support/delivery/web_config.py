"""Configurations of web servers for the published folder: they hand out links' own files and nothing else.

The headers are those of `serve`; addresses that are no link's are answered like links that are not there, and no log
holds a link. The page of an expired link is answered with 410: a file of its own beside it says so.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import urlsplit

from studio_support.delivery.links import EXPIRED_NAME
from studio_support.delivery.web_headers import BASE, FILE_POLICY, HSTS, PDF_POLICY, page_policy

_NAME = "[A-Za-z0-9_-]{43}"
_FILES = "(invoice[.](html|pdf|xml)|act[.]pdf|timesheet[.](pdf|csv))?"
_EXPIRED = EXPIRED_NAME.replace(".", "[.]")


def nginx(base_url: str, directory: PurePath, hashes: tuple[str, ...]) -> str:
    """For nginx, as a file of conf.d or sites-enabled. hashes: of the pages' styles."""
    parts = urlsplit(base_url)
    prefix = parts.path.rstrip("/")
    headers = "\n".join(f'    add_header {name} "{value}" always;' for name, value in _headers(parts.scheme).items())
    if parts.scheme == "https":
        listen = f"    listen {parts.port or 443} ssl;\n    listen [::]:{parts.port or 443} ssl;\n"
        pem = f"/etc/ssl/{parts.hostname}"
        tls = f"    ssl_certificate {pem}.pem;\n    ssl_certificate_key {pem}.key;\n"
    else:
        listen, tls = f"    listen {parts.netloc};\n", ""
    return f"""\
# Published invoices. Made by `studio-support links webserver nginx`; make it anew after an update.
map $uri $studio_policy {{
    ~[.]pdf$ "{PDF_POLICY}";
    ~[.](xml|csv)$ "{FILE_POLICY}";
    default "{page_policy(hashes)}";
}}
map $uri $studio_disposition {{
    ~[.]pdf$ "inline";
    ~[.](xml|csv)$ "attachment";
    default "";
}}
server {{
{listen}    server_name {parts.hostname};
{tls}    root "{directory}";
    index invoice.html;
    autoindex off;
    server_tokens off;
    access_log off;      # its lines would hold links
    error_log stderr crit;      # so would those of files that it may not read
    log_not_found off;
    charset utf-8;
    charset_types text/csv;
    types {{
        text/html html;
        application/pdf pdf;
        application/xml xml;
        text/csv csv;
    }}
{headers}
    add_header Content-Security-Policy $studio_policy always;
    add_header Content-Disposition $studio_disposition;
    error_page 410 /$studio_link/{EXPIRED_NAME};
    if ($request_method !~ ^(GET|HEAD)$) {{
        return 405;
    }}
{_locations(prefix)}}}
"""


def _locations(prefix: str) -> str:
    below = _literally(prefix)
    strip = f"        rewrite ^{below}(/.*)$ $1 break;\n" if prefix else ""
    return f"""\
    location ~ "^{below}/(?<studio_link>{_NAME})/{_FILES}$" {{
        if (-f $document_root/$studio_link/{EXPIRED_NAME}) {{
            return 410;
        }}
{strip}        try_files $uri ${{uri}}invoice.html =404;
    }}
    location ~ "^/{_NAME}/{_EXPIRED}$" {{
        internal;
    }}
    location / {{
        return 404;
    }}
"""


def apache(base_url: str, directory: PurePath, hashes: tuple[str, ...]) -> str:
    """For Apache 2.4 with headers, rewrite and ssl, as a file of sites-enabled. hashes: of the pages' styles."""
    parts = urlsplit(base_url)
    prefix = parts.path.rstrip("/")
    headers = "\n".join(f'    Header always set {name} "{value}"' for name, value in _headers(parts.scheme).items())
    port = parts.port or (443 if parts.scheme == "https" else 80)
    tls = (
        f"    SSLEngine on\n    SSLCertificateFile /etc/ssl/{parts.hostname}.pem\n"
        f"    SSLCertificateKeyFile /etc/ssl/{parts.hostname}.key\n"
        if parts.scheme == "https"
        else ""
    )
    below = _literally(prefix)
    alias = f'    Alias "{prefix}/" "{directory}/"\n' if prefix else ""
    return f"""\
# Published invoices. Made by `studio-support links webserver apache`; make it anew after an update.
<VirtualHost *:{port}>
    ServerName {parts.hostname}
{tls}    DocumentRoot "{directory}"
{alias}    # Lines of a log would hold links: of the whole server's, which counts where a host has none of its own, and
    # those about files that may not be read.
    CustomLog "/dev/null" "%>s"
    LogLevel crit
    RewriteEngine on
    RewriteCond %{{REQUEST_METHOD}} !^(GET|HEAD)$
    RewriteRule ^ - [R=405,L]
    RewriteCond %{{ENV:REDIRECT_STATUS}} =410
    RewriteRule ^ - [L]
    RewriteRule !^{below}/{_NAME}/{_FILES}$ - [R=404,L]
    RewriteCond "{directory}/$1/{EXPIRED_NAME}" -f
    RewriteRule ^{below}/({_NAME})/ - [R=410,L]
    SetEnvIf Request_URI "^{below}/({_NAME})/" STUDIO_LINK=$1
    ErrorDocument 410 "{prefix}/%{{reqenv:STUDIO_LINK}}/{EXPIRED_NAME}"
    <Directory "{directory}">
        Options None
        AllowOverride None
        Require all granted
        DirectoryIndex invoice.html
        AddDefaultCharset utf-8
    </Directory>
{headers}
    <FilesMatch "[.]html$">
        Header always set Content-Security-Policy "{page_policy(hashes)}"
    </FilesMatch>
    <FilesMatch "[.]pdf$">
        Header always set Content-Security-Policy "{PDF_POLICY}"
        Header set Content-Disposition "inline"
    </FilesMatch>
    <FilesMatch "[.](xml|csv)$">
        Header always set Content-Security-Policy "{FILE_POLICY}"
        Header set Content-Disposition "attachment"
    </FilesMatch>
    AddType text/csv .csv
    AddCharset utf-8 .csv
    AddType application/xml .xml
</VirtualHost>
"""


def _literally(path: str) -> str:
    """A path as a pattern that nginx and Apache read alike."""
    return re.sub(r"[.+*()$]", r"[\g<0>]", path)


def _headers(scheme: str) -> dict[str, str]:
    return {**BASE, **({"Strict-Transport-Security": HSTS} if scheme == "https" else {})}
