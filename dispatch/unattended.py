"""A report that came without an operator: by a web page, from a doorstep, from a live programme.

It gets the place that its words say, and no class: somebody of the centre reads it first, as they read every report.
"""

from dataclasses import replace
from datetime import datetime

from django.conf import settings

from dispatch.intake import Intake
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.geocode import locate


def placed(intake: Intake, at: datetime) -> Intake:
    """The intake with the place that its address says, or else its words; a pin that the sender set stands.

    Unchanged where neither pin nor words say one.
    """
    gazetteer = DatabaseGazetteer(at.astimezone(settings.CITY.zone).date())
    answer = locate(intake.address or intake.text, gazetteer)
    if intake.address and not answer.found:
        answer = locate(intake.text, gazetteer)
    place = [{"code": reason.code, **dict(reason.params)} for reason in answer.why]
    if intake.point is not None:
        return replace(intake, why={"place": [{"code": "pin"}]})
    return replace(
        intake,
        answer=answer,
        point=answer.point,
        uncertainty_m=answer.uncertainty_m if answer.found else None,
        why={"place": place},
    )
