"""Import of a city's reports end to end, against the same rows by bare COPY.

Makes a scratch database for the city, loads everything that the reports need, times the import of the reports, then
copies the rows that it made (columns of report and case) out and into one table without any index, and drops the
database again. The ratio of the two times is the result.
"""

import argparse
import io
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- intake: written by bench/intake.py -->", "<!-- end of intake -->"


def main() -> int:
    """Parse, prepare a scratch city, measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the city's files")
    parser.add_argument("--city", default="tainan", help="a name in fixtures/cities")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = scratch_city(options.city, Path(folder))
        os.environ |= {
            "GRIDMAP_CITY": str(scratch),
            "GRIDMAP_DB_ROLE": "owner",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        text = measured(options.data, Path(folder))
    print(text)
    if options.write:
        write(text)
    return 0


def scratch_city(city: str, folder: Path) -> Path:
    """The city's file with another database name; keeps the name of the file, which is the city's key."""
    text = (ROOT / "fixtures" / "cities" / f"{city}.toml").read_text(encoding="utf-8")
    path = folder / f"{city}.toml"
    path.write_text(re.sub(r'^database = "(\w+)"', r'database = "\1_bench"', text, flags=re.M), encoding="utf-8")
    return path


def measured(data: Path, folder: Path) -> str:
    """Load, import, copy; the lines of the result."""
    from django.core.management import call_command
    from django.db import connection

    server(f'DROP DATABASE IF EXISTS "{database()}"', f'CREATE DATABASE "{database()}" TEMPLATE gridmap_template')
    try:
        call_command("migrate", verbosity=0)
        return result(data, folder)
    finally:
        connection.close()
        server(f'DROP DATABASE "{database()}"')


def database() -> str:
    from django.conf import settings

    return str(settings.DATABASES["default"]["NAME"])


def server(*statements: str) -> None:
    """Run statements outside any database of a city."""
    from django.db import connection

    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def result(data: Path, folder: Path) -> str:
    from django.utils import timezone

    from dispatch.loading import load_reports, table
    from fixtures.cityload import steps

    for step in steps(data, timezone.now(), folder):
        if step.name != "reports":
            print(f"{step.name} …", flush=True)
            step.do()
    started = time.perf_counter()
    loaded = load_reports(data, timezone.now(), folder)
    whole = time.perf_counter() - started
    bare, size = bare_copy()
    lines = table(loaded).splitlines()
    lines = [line for line in lines if not line.startswith("rejected rows:")]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return "\n".join(
        [
            *lines,
            "",
            f"{'import, end to end':28} {whole:9.1f} s   {loaded.run.kept / whole:9,.0f} reports a second",
            f"{'bare COPY of the same rows':28} {bare:9.2f} s   {size / 1e6:9,.0f} MB",
            f"{'ratio':28} {whole / bare:9.1f}",
            f"{'memory at most':28} {memory:9,.0f} MB",
        ]
    )


def bare_copy() -> tuple[float, int]:
    """Seconds to copy report and case rows side by side into one table without index, and the bytes of the text."""
    from django.db import connection

    from dispatch.models import Case, Report

    columns = [f'r."{f.column}" AS r_{f.column}' for f in Report._meta.concrete_fields]
    columns += [f'c."{f.column}" AS c_{f.column}' for f in Case._meta.concrete_fields]
    rows = f"SELECT {', '.join(columns)} FROM dispatch_report r JOIN dispatch_case c ON c.id = r.case_id"
    with connection.cursor() as cursor:
        text = io.StringIO()
        cursor.copy_expert(f"COPY ({rows}) TO STDOUT", text)
        cursor.execute(f"CREATE TABLE bare AS {rows} LIMIT 0")
        size = text.tell()
        text.seek(0)
        started = time.perf_counter()
        cursor.copy_expert("COPY bare FROM STDIN", text)
        return time.perf_counter() - started, size


def write(text: str) -> None:
    """Replace the section of docs/benchmarks.md, or add it."""
    path = ROOT / "docs" / "benchmarks.md"
    old = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    command = "    python bench/intake.py --data DIR --write"
    cores = f"{os.cpu_count()} cores"
    section = f"{BEGIN}\n## Intake\n\n{cores}, database on the same machine, one process.\n\n{command}\n\n"
    section += "\n".join(f"    {line}".rstrip() for line in text.splitlines()) + f"\n{END}\n"
    if BEGIN in old:
        head, rest = old.split(BEGIN, 1)
        new = head + section + rest.split(END, 1)[1].lstrip("\n")
    else:
        new = f"{old.rstrip()}\n\n{section}"
    path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
