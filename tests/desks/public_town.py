"""Cases with everything personal in them, for tests of what the public reads."""

from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import LineString
from django.core.cache import cache
from django.utils import timezone

from dispatch.intake import Caller
from dispatch.models import Case
from gridmap.gazetteer import place_row
from gridmap.models import Place
from tests.town import Town, at

CALLER = Caller(name="欧阳建国", phone="13912345678", company="", callback_phone="13800009999")
WORDS = "欧阳建国家门口上水井盖丢失，车牌苏M12345撞坏，找13912345678，身份证321081196001011234"
ADDRESS = "西仓路14号302室欧阳家"
# what must never stand in any answer to a visitor
SECRETS = (
    "欧阳",
    "13912345678",
    "3912345678",
    "13800009999",
    "苏M12345",
    "321081196001011234",
    "14号",
    "302室",
    "门口",
)


def street() -> Place:
    """西仓路 along y = 50."""
    line = LineString((*at(0, 50),), (*at(400, 50),), srid=at(0, 0).srid)
    row = place_row("road", "西仓路", at(200, 50), source="test")
    row.geom = line
    row.save()
    return row


def personal(town: Town, state: str = "received", days: int = 1, **fields: Any) -> Case:
    """A street case full of personal data, played to a state that began some days ago."""
    cache.clear()
    when = timezone.now() - timedelta(days=days)
    values = {"caller": CALLER, "address": ADDRESS, "point": at(52, 57)} | fields
    case = town.report(WORDS, when=when, **values)
    return town.to_state(state, case, when) if state != "received" else case


def spoken_of(content: bytes | str) -> list[str]:
    """The secrets that stand in an answer."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return [secret for secret in SECRETS if secret in text]
