"""What a refused step tells the person who tried it, and what is kept of what they typed."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desks.stepforms import StepForm
from desks.steps import open_actions, step_form
from dispatch.evidence import BadPhotoError
from dispatch.lifecycle import MissingEvidenceError, StaleStepError, done_before
from dispatch.models import Case
from dispatch.petitions import PetitionRefused
from dispatch.petitionwords import refusal_sentence
from dispatch.transitions import Need
from people.permissions import Role

# the field of a form in which a missing evidence is given
FIELDS = {
    Need.REASON: "note",
    Need.REPLY: "note",
    Need.PHOTO: "photos",
    Need.CLASS: "category",
    Need.PLACE: "lon",
    Need.EXPLANATION: "explanation",
    Need.LOOK_DATE: "look_on",
    Need.FILE: "file",
}

# the field that a refused petition is about
RULED = {"form": "form", "too_long": "amount", "review_past": "review_on", "review_far": "review_on"}


def done_already(form: StepForm) -> bool:
    """Whether this very step was taken before (a second press); raises StaleStepError for a page that is out of date.

    Asked before the fields are judged: what was right for the case as the page showed it may not be now.
    """
    try:
        operation = form.fields["operation"].clean(form.data.get("operation", ""))
        version = form.fields["version"].clean(form.data.get("version", ""))
    except ValidationError:
        return False
    if done_before(operation) is not None:
        return True
    if version != form.case.version:
        raise StaleStepError(form.case)
    return False


def meanwhile(form: StepForm, now: Case) -> str:
    """Who did what since the page was opened, or that the step is not possible from here."""
    seen = form.data.get("version", "")
    since = now.steps.filter(version__gt=int(seen) if seen.isdecimal() else now.version)
    last = since.select_related("actor").order_by("-version").first()
    facts = {"action": form.title, "state": now.get_state_display()}
    if last is None:
        return _("案件现在是“%(state)s”，不能“%(action)s”。") % facts
    facts |= {
        "who": str(last.actor or _("系统")),
        "role": str(Role(last.role).label) if last.role else _("系统"),
        "time": f"{timezone.localtime(last.recorded_at):%H:%M}",
        "done": last.get_action_display(),
    }
    return (
        pgettext(
            "stale step",
            "您打开页面后，%(who)s（%(role)s）在 %(time)s 做了“%(done)s”，案件现在是“%(state)s”。"
            "您的“%(action)s”没有执行，填写的内容保留在下面。",
        )
        % facts
    )


def kept_form(form: StepForm, now: Case) -> tuple[StepForm | None, list[tuple[str, str]]]:
    """The form again with what was typed, for the case as it is now; or only the words, where the step is gone."""
    if form.action not in open_actions(now, form.user):
        return None, form.typed()
    data: Any = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    data["version"], data["operation"] = str(now.version), str(uuid4())
    return step_form(form.action, now, form.user, form.at, data), []


def missing(error: MissingEvidenceError | BadPhotoError | PetitionRefused, form: StepForm) -> tuple[str | None, str]:
    """Field and sentence for evidence that is missing or cannot be read, or for the rule that a petition breaks."""
    if isinstance(error, PetitionRefused):
        return RULED.get(error.code), refusal_sentence(error)
    if isinstance(error, BadPhotoError):
        return "photos" if "photos" in form.fields else "file", str(error)
    field = FIELDS.get(error.needs[0])
    needs = "、".join(str(Need(need).label) for need in error.needs)
    return field if field in form.fields else None, _("还缺：%(needs)s。") % {"needs": needs}
