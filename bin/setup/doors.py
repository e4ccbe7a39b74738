"""The one door: nginx in front of pages and events, and the port that it takes."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from .steps import TroubleError

DEFAULT_PORT = 8000
NGINX = "/usr/sbin/nginx"

# {{ }} are nginx's own braces
CONFIGURATION = """\
# Written by bin/demo at each start.
{user}worker_processes 2;
daemon off;
pid {work}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types;
  types {{ application/javascript mjs; application/geo+json geojson; application/manifest+json webmanifest; }}
  default_type application/octet-stream;
  charset utf-8;
  charset_types text/plain text/css text/xml application/javascript;
  access_log off;
  server_tokens off;
  absolute_redirect off;
  sendfile on;
  keepalive_timeout 65;
  client_max_body_size 24m;
  client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy;
  fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi;
  scgi_temp_path {work}/scgi;
  gzip on;
  gzip_min_length 1000;
  gzip_proxied any;
  gzip_vary on;
  gzip_types text/css text/plain application/javascript application/json application/geo+json
             application/manifest+json application/vnd.mapbox-vector-tile image/svg+xml;
  # what visitors may send without a login: ten a minute from one address
  map $request_method $sender {{ default ""; POST $binary_remote_addr; }}
  limit_req_zone $sender zone=visitors:2m rate=10r/m;
  limit_req_status 429;
  upstream pages {{ server unix:{sockets}/pages.sock fail_timeout=0; }}
  upstream events {{ server unix:{sockets}/events.sock fail_timeout=0; }}
  # what a client claims about itself is replaced, never passed on
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host "";
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header Connection "";
  proxy_http_version 1.1;
  server {{
{listen}
    location /static/ {{
      alias {static}/;
      add_header X-Content-Type-Options nosniff always;
      add_header Cache-Control "public, max-age=60";
      # names with a digest never change their content
      location ~ "\\.[0-9a-f]{{12}}\\.[a-z0-9.]+$" {{
        add_header X-Content-Type-Options nosniff always;
        add_header Cache-Control "public, max-age=31536000, immutable";
      }}
    }}
    location /events/ {{
      proxy_pass http://events;
      proxy_buffering off;
      proxy_cache off;
      proxy_read_timeout 1h;
      gzip off;
    }}
    location = /report/ {{
      limit_req zone=visitors burst=10 nodelay;
      proxy_pass http://pages;
      proxy_read_timeout 120s;
    }}
    location = /progress/ {{
      limit_req zone=visitors burst=10 nodelay;
      proxy_pass http://pages;
    }}
    location / {{
      proxy_pass http://pages;
      proxy_read_timeout 120s;
    }}
  }}
}}
"""


def configuration(*, port: int, work: Path, sockets: Path, static: Path, worker_user: str | None, ipv6: bool) -> str:
    """nginx's configuration: only this machine is listened to, since the demo's passwords are public."""
    addresses = [f"127.0.0.1:{port}"] + ([f"[::1]:{port}"] if ipv6 else [])
    return CONFIGURATION.format(
        user=f"user {worker_user};\n" if worker_user else "",
        work=work,
        sockets=sockets,
        static=static,
        listen="\n".join(f"    listen {address};" for address in addresses),
    )


def check_port(port: int) -> None:
    """Refuses a port that cannot be taken, with a sentence that names another one."""
    if not 1 <= port <= 65535:
        raise TroubleError(f"{port} is not a port: choose one from 1024 to 65535, like `bin/demo --port 8001`.")
    trouble = port_error(port)
    if trouble is None:
        return
    if trouble == errno.EACCES:
        raise TroubleError(f"Port {port} is only for root. Choose one above 1023: `bin/demo --port 8000`.")
    free = next((other for other in range(port + 1, min(port + 100, 65536)) if not port_error(other)), 0)
    hint = f"`bin/demo --port {free or 8080}`"
    raise TroubleError(f"Port {port} is used by another program. Choose another one: {hint}.")


def port_error(port: int, address: str = "127.0.0.1") -> int | None:
    """The number of the error that taking the port gives, or None where it is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((address, port))
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return None


def has_ipv6(port: int) -> bool:
    """Whether this machine has IPv6 on its loopback."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as door:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("::1", port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return True
