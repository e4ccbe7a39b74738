"""Codes of components: what each digit says, and how a code is made where the source has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# what can be wrong with a code: short in reports of commands, and in words that a data manager can act on
PROBLEMS: Final[Mapping[str, Promise]] = {
    "no code": _("没有编码"),
    "a code of other signs than digits": _("编码只能由数字组成"),
    "a code of the wrong length": _("编码位数不符合本市编码规则"),
    "a code of another class": _("编码中的大类、小类与部件类别不一致"),
    "a code of no district of the city": _("编码中的行政区划不在本市"),
}
NONE, DIGITS, LENGTH, CLASS, DISTRICT = PROBLEMS


@dataclass(frozen=True)
class Scheme:
    """How many digits of a component's code name the district, the 大类, the 小类, and the object itself.

    Source: domain sheet A3. 16 = 6 + 2 + 2 + 6, as in 3205080101000001; a newer variant is 6 + 2 + 3 + 5. The numbers
    of the class are written with as many digits as the scheme has, zeros in front.
    """

    district: int = 6
    major: int = 2
    minor: int = 2
    serial: int = 6

    def __post_init__(self) -> None:
        if min(self.district, self.major, self.minor, self.serial) < 1 or self.length > 24:
            raise ValueError("component_digits: each part has at least one digit, all of them at most 24")

    @property
    def length(self) -> int:
        return self.district + self.major + self.minor + self.serial

    @property
    def most(self) -> int:
        """The highest number of a component in one district and class."""
        return int(10**self.serial) - 1

    def problem(self, code: str, category: str | None = None) -> str:
        """What is wrong with a code, as a key of PROBLEMS; "" for a good one.

        `category` is the code of its class, "01-01". Whether the district exists is for the caller to ask.
        """
        if not code:
            return NONE
        if not (code.isascii() and code.isdecimal()):
            return DIGITS
        if len(code) != self.length:
            return LENGTH
        if category is not None and self.class_digits(category) != self.class_of(code):
            return CLASS
        return ""

    def class_digits(self, category: str) -> str:
        """The digits by which a code names a class: "01-01" is 0101 in the scheme of sixteen digits."""
        major, _sep, minor = category.partition("-")
        return major.zfill(self.major) + minor.zfill(self.minor)

    def district_of(self, code: str) -> str:
        return code[: self.district]

    def class_of(self, code: str) -> str:
        """大类 and 小类 of a code, without a hyphen."""
        return code[self.district : self.district + self.major + self.minor]

    def district_digits(self, area_code: str) -> str:
        """The digits by which a code names a district; a short code of a district is filled up with zeros behind."""
        return area_code[: self.district].ljust(self.district, "0")

    def prefix(self, district: str, category: str) -> str:
        """Everything of a code but its number."""
        return self.district_digits(district) + self.class_digits(category)

    def make(self, prefix: str, number: int) -> str:
        """The code with a number; raises OverflowError beyond the last number that the scheme has room for."""
        if number > self.most:
            raise OverflowError(prefix)
        return f"{prefix}{number:0{self.serial}d}"


def configured() -> Scheme:
    """The scheme of the city's file, [codes] component_digits; without it sixteen digits after the standard.

    A city whose districts have codes of another length keeps that length.
    """
    city = settings.CITY
    return _scheme(city.area_digits.get("district", 6), tuple(sorted(city.component_digits.items())))


@lru_cache(maxsize=8)
def _scheme(district: int, stated: tuple[tuple[str, int], ...]) -> Scheme:
    digits: dict[str, Any] = {"district": district, **dict(stated)}
    return Scheme(**digits)
