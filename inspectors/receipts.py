"""What the phone is told: only an answer that names the operation means "stored"."""

from typing import Any

from django.forms import Form
from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dispatch.models import Case, FieldTask
from inspectors.refusals import refusal


def stored(form: Form, sentence: str, following: str = "") -> JsonResponse:
    """The receipt of an operation, with the page that comes after it."""
    operation, following = str(form.cleaned_data["operation"]), following or reverse("inspectors:nearby")
    return JsonResponse({"operation": operation, "sentence": sentence, "next": following})


def not_valid(form: Form) -> JsonResponse:
    """422: the first thing that is wrong, in a sentence."""
    if {"lon", "lat", "accuracy"} & set(form.errors):
        return JsonResponse(
            {"code": "position", "sentence": _("没有现场位置。请打开定位，等到出现精度后再提交。")}, status=422
        )
    sentence = next(str(error) for errors in form.errors.values() for error in errors)
    return JsonResponse({"code": "form", "sentence": sentence}, status=422)


def refused(error: Exception, task: FieldTask | None = None) -> JsonResponse:
    """409, 422 or 403 with its sentence; for a task also how the case stands now, so that a person can decide."""
    status, code, sentence = refusal(error)
    answer: dict[str, Any] = {"code": code, "sentence": sentence}
    if task is not None:
        answer["version"] = Case.objects.values_list("version", flat=True).get(pk=task.case_id)
        answer["open"] = FieldTask.objects.open().filter(pk=task.pk).exists()
    return JsonResponse(answer, status=status)


def same_spot(there: Case) -> JsonResponse:
    """409: an open case of this class lies at the very spot; the inspector says whether it is the same one."""
    return JsonResponse({"code": "spot", "sentence": same_spot_words(there), "spot": there.number}, status=409)


def same_spot_words(there: Case) -> str:
    return _("%(metres)s 米外已有同类案件 %(number)s（%(state)s）。") % {
        "metres": round(getattr(there, "distance_m", 0.0)),
        "number": there.number,
        "state": there.get_state_display(),
    }
