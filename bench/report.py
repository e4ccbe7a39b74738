"""Writes the result of a benchmark into docs/benchmarks.md, each between its own two markers."""

import os
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"


def prepare(city: str) -> None:
    """Make the project importable, with the settings of a city."""
    os.environ |= {"GRIDMAP_CITY": city, "DJANGO_SETTINGS_MODULE": "config.settings"}
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def peak_mb() -> float:
    """The most memory that this process had at once, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(key: str, title: str, command: str, text: str, about: str = "one process") -> None:
    """Replace the section of this key, or add it at the end; `about` says how it was run."""
    begin, end = f"<!-- {key}: written by bench/{key}.py -->", f"<!-- end of {key} -->"
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    section = f"{begin}\n## {title}\n\n{os.cpu_count()} cores, {about}.\n\n    {command}\n\n"
    section += "\n".join(f"    {line}".rstrip() for line in text.splitlines()) + f"\n{end}\n"
    if begin in old:
        head, rest = old.split(begin, 1)
        new = head + section + rest.split(end, 1)[1].lstrip("\n")
    else:
        new = f"{old.rstrip()}\n\n{section}"
    PAGE.write_text(new, encoding="utf-8")
