"""A database for one measure: the demo city's file under another name, made before and dropped afterwards."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def database(suffix: str, more: dict[str, str] | None = None, *, keep: bool = False) -> Iterator[None]:
    """Set Django up on `gridmap_demo_<suffix>`, empty and migrated; what it writes to files goes with it.

    With `keep` the database stays, and is taken as it is by the next run.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "demo.toml"
        text = (ROOT / "fixtures" / "cities" / "demo.toml").read_text(encoding="utf-8")
        scratch.write_text(
            re.sub(r'^database = "(\w+)"', rf'database = "\1_{suffix}"', text, flags=re.MULTILINE), encoding="utf-8"
        )
        os.environ |= {"GRIDMAP_CITY": str(scratch), "GRIDMAP_DB_ROLE": "owner", "GRIDMAP_MEDIA_ROOT": folder}
        os.environ |= {"GRIDMAP_SEAL_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"} | (more or {})
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        name = str(connection.settings_dict["NAME"])
        there = keep and exists(name)
        if not there:
            server(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE gridmap_template')
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connection.close()
            if not keep:
                server(f'DROP DATABASE "{name}"')


def exists(name: str) -> bool:
    """Whether the cluster has a database of this name."""
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def server(*statements: str) -> None:
    """Statements that no database may be open for."""
    from django.db import connection

    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
