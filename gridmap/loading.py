"""What the import commands have in common: their arguments, and the table at the end."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gridmap.imports import Run, strictly
from gridmap.layers import LayerError


class LoadCommand(BaseCommand):
    """A command that loads one layer from a folder."""

    load: Callable[..., list[Run]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--rejects", type=Path, metavar="DIR", help="where to put the file of rejected rows")
        parser.add_argument(
            "--strict", action="store_true", help="refuse a file whose coordinates look like another datum"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            with strictly(options["strict"]):
                runs = self.load(options["folder"], timezone.now(), options["rejects"])
        except (LayerError, KeyError, ValueError) as error:
            raise CommandError(error.args[0]) from error
        self.stdout.write(table(runs))


def table(runs: Sequence[Run]) -> str:
    """What was read, kept, changed and rejected, a line a file; reasons and the rejects files below."""
    head = f"{'layer':18} {'file':38} {'read':>8} {'kept':>8} {'changed':>8} {'rejected':>8} {'seconds':>8}"
    lines = [head]
    for run in runs:
        lines.append(
            f"{run.layer:18} {run.source:38} {run.read:8,} {run.kept:8,} {len(run.changes):8,}"
            f" {run.rejected:8,} {run.seconds:8.1f}"
        )
    for run in runs:
        lines += [f"  {run.source}: {count:,} × {reason}" for reason, count in run.reasons.most_common()]
        lines += [f"  {run.source}: WARNING {sentence}" for sentence in run.warnings]
    files = sorted({str(run.rejects_file) for run in runs if run.rejected})
    return "\n".join(lines + [f"rejected rows: {name}" for name in files])
