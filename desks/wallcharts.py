"""The wall screen's charts as numbers for SVG: bars, a line over them, and the lines of the scale. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

# one unit of a chart is a sixteenth of the page's type size, so that its words grow with the screen
WIDTH, HEIGHT = 452, 196
LEFT, RIGHT, TOP, BOTTOM = 42, 20, 14, 28
STEPS = (1, 2, 5)


class Bar(NamedTuple):
    """A bar from the ground up; `label` stands below it, empty for most."""

    x: float
    y: float
    width: float
    height: float
    label: str
    last: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


class Tick(NamedTuple):
    """A line of the scale."""

    y: float
    label: int


class Chart(NamedTuple):
    """Bars with their scale, and the points of a second series as SVG wants them; empty without one."""

    bars: list[Bar]
    ticks: list[Tick]
    line: str


def chart(values: Sequence[int], labels: Sequence[str], beside: Sequence[int] = ()) -> Chart:
    """Bars of `values` over their labels, and a line through `beside`, on one scale; the last bar is still growing."""
    step = scale_step(max([1, *values, *beside]))
    top = step * -(-max([1, *values, *beside]) // step)
    high = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT - RIGHT) / max(len(values), 1)

    def y_of(value: int) -> float:
        return round(TOP + high * (1 - value / top), 1)

    bars = [
        Bar(
            round(LEFT + slot * (place + 0.16), 1),
            y_of(value),
            round(slot * 0.68, 1),
            round(TOP + high - y_of(value), 1),
            label,
            place == len(values) - 1,
        )
        for place, (value, label) in enumerate(zip(values, labels, strict=True))
    ]
    points = [(round(LEFT + slot * (place + 0.5), 1), y_of(value)) for place, value in enumerate(beside)]
    ticks = [Tick(y_of(value), value) for value in range(0, top + 1, step)]
    return Chart(bars, ticks, " ".join(f"{x},{y}" for x, y in points))


def scale_step(most: int) -> int:
    """The distance of the scale's lines: 1, 2 or 5 times a power of ten, at most four of them above the ground."""
    power = 1
    while True:
        for step in STEPS:
            if most <= 4 * step * power:
                return step * power
        power *= 10
