"""`manage.py load_households FILE --agency CODE`: households from a CSV table."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from dispatch.models import Household
from gridmap.models import Area
from people.models import Agency

COLUMNS = ("address", "head", "phone", "people", "community", "note")
NEEDED = ("address", "head")


class Command(BaseCommand):
    help = f"Add households from a CSV file with the columns {', '.join(COLUMNS)}; rejected rows are kept beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--agency", required=True, help="code of the unit that looks after them")

    def handle(self, *args: object, file: Path, agency: str, **options: object) -> None:
        unit = Agency.objects.filter(code=agency).first()
        if unit is None:
            raise CommandError(f"--agency: no agency has the code {agency}")
        try:
            with file.open(encoding="utf-8-sig", newline="") as source:
                rows = list(csv.DictReader(source))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CommandError(f"{file}: {error}") from error
        missing = [name for name in NEEDED if rows and name not in rows[0]]
        if missing or not rows:
            raise CommandError(f"{file}: {'no column ' + ', '.join(missing) if missing else 'no rows'}")
        communities = {area.name: area for area in Area.objects.filter(level="community")}
        communities |= {area.code: area for area in communities.values()}
        rejected = []
        for number, row in enumerate(rows, start=2):
            reason = self._add(unit, row, communities)
            if reason:
                rejected.append(
                    {**{name: row.get(name) or "" for name in COLUMNS}, "reason": f"row {number}: {reason}"}
                )
                self.stderr.write(f"row {number}: {reason}")
        if rejected:
            self._keep(file.with_suffix(".rejected.csv"), rejected)
        self.stdout.write(f"{len(rows)} read, {len(rows) - len(rejected)} added, {len(rejected)} rejected")

    def _add(self, unit: Agency, row: dict[str, Any], communities: dict[str, Area]) -> str:
        """Add one; or say which field is wrong and why."""
        given = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if given["community"] and given["community"] not in communities:
            return f"community: no community {given['community']}"
        if given["people"] and not given["people"].isdigit():
            return f"people: not a number: {given['people']}"
        home = Household(
            agency=unit,
            community=communities.get(given["community"]),
            address=given["address"],
            head=given["head"],
            phone=given["phone"],
            people=int(given["people"] or 1),
            note=given["note"],
        )
        try:
            home.full_clean()
        except ValidationError as error:
            return "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        home.save()
        return ""

    def _keep(self, path: Path, rejected: list[dict[str, str]]) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as target:
            writer = csv.DictWriter(target, [*COLUMNS, "reason"])
            writer.writeheader()
            writer.writerows(rejected)
        self.stdout.write(f"rejected rows are in {path}")
