"""Learns a class model from the city's own history and puts it in force."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.classhistory import root, samples
from dispatch.classmodel import Card
from dispatch.classtraining import TooLittleError, train, write_model


class Command(BaseCommand):
    help = (
        "Train the class suggestion on reports whose class a person has confirmed. The model is measured on addresses "
        "that it has not seen, and is in force at once; remove its folder to go back to the one before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="train and measure, keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            model = train(list(samples()), timezone.now(), say=self.stdout.write)
        except TooLittleError as error:
            raise CommandError(f"Too little history to learn from: {error}.") from error
        for line in told(model.card):
            self.stdout.write(line)
        if options["dry_run"]:
            return
        try:
            folder = write_model(model, root())
        except OSError as error:
            raise CommandError(f"The model cannot be written: {error}.") from error
        self.stdout.write(f"in force: {folder}")


def told(card: Card) -> list[str]:
    """The card in lines."""
    m = card.measured
    lines = [
        f"{card.reports:,} reports, {len(card.classes)} classes, dictionaries: {', '.join(card.editions)}",
        f"measured on {m.reports:,} reports at other addresses: first {m.top1:.1%}, one of three {m.top3:.1%}"
        f" (the commonest classes: {m.majority1:.1%}, {m.majority3:.1%})",
        "stated  held   reports",
        *(f"{row.stated:6.1%} {row.held:6.1%} {row.reports:8,}" for row in m.reliability),
    ]
    if card.left_out:
        lines.append(f"left out for too few reports: {', '.join(f'{n} ({c})' for n, c in card.left_out.items())}")
    return lines
