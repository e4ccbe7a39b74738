"""Positions that people give in a case become evidence for the gazetteer."""

from django.contrib.gis.geos import Point

from dispatch.lifecycle import Doing
from dispatch.models import Case, Report
from gridmap.addresses import Address, parse
from gridmap.confirmed import confirm
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.models import Area, Confirmation


def teach(case: Case, point: Point, accuracy_m: float, how: str, doing: Doing) -> Confirmation | None:
    """Let the gazetteer learn where the address of a case lies, from somebody who put it on the map or stood there.

    None where the report names no single spot, so that there is nothing to learn.
    """
    report = Report.objects.filter(case=case).order_by("pk").first()
    address = said_address(report) if report else ""
    if not address:
        return None
    area = district_of(case.community)
    return confirm(
        address, area, point, how=how, by=doing.by, at=doing.at, reference=case.number, accuracy_m=accuracy_m
    )


def district_of(area: Area | None) -> str:
    """The name of the district that an area is in; empty where it is in none."""
    while area is not None and area.level != Area.Level.DISTRICT:
        area = area.parent
    return area.name if area else ""


def said_address(report: Report) -> str:
    """The address as the sender wrote it, else the street and number inside the text; empty where there is neither."""
    if report.address:
        return report.address
    return street_and_number(parse(report.text, DatabaseGazetteer().known(report.text)))


def street_and_number(address: Address) -> str:
    """西仓路14-2号 of a longer sentence; empty without a street or without a number."""
    if address.number is None or not address.street:
        return ""
    sub_number = f"-{address.sub_number}" if address.sub_number else ""
    return f"{address.district}{address.street}{address.number}{sub_number}号"
