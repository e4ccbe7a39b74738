"""The field app without any data: files that every page of it needs, and the version that they make together.

The service worker keeps them, so that the app opens without a server. New files of `inspectors/static/` come along by
themselves.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

HERE = Path(__file__).resolve().parent / "static"
OTHERS = (
    "people/house.css",
    "people/parts.css",
    "people/house.js",
    "people/mark.svg",
    "django_htmx/htmx-2.min.js",
    "leaflet/leaflet.css",
    "leaflet/leaflet.js",
    "gridmap/map.css",
    "gridmap/map.js",
    "gridmap/basemap.js",
    "vendor/protomaps-leaflet/protomaps-leaflet.js",
)
# of the system, not of the pages
LEFT_OUT = {"worker.js"}


def names() -> list[str]:
    """Static names of the shell."""
    own = sorted(path for path in HERE.rglob("*") if path.suffix in {".js", ".css"} and path.name not in LEFT_OUT)
    return [*OTHERS, *(path.relative_to(HERE).as_posix() for path in own)]


def addresses() -> list[str]:
    return [static(name) for name in names()]


def version() -> str:
    """Changes with any file of the shell; asked for again at each request only while developing."""
    return _version.__wrapped__() if settings.DEBUG else _version()


@lru_cache(maxsize=1)
def _version() -> str:
    digest = hashlib.sha256()
    for name in [*names(), *(f"inspectors/{name}" for name in LEFT_OUT)]:
        found = finders.find(name)
        digest.update(f"{name} ".encode() + (Path(found).read_bytes() if found else b"-"))
    return digest.hexdigest()[:12]
