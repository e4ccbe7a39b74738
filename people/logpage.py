"""变更记录: who changed what of the city's set-up, when, from what to what."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.access import allow, current_user
from people.models import Change, User

PAGE: Final = 50
LONG: Final = 160  # characters of a value; a shape has thousands
# what a change says beside the columns of its row
BESIDE: Final = {
    "what": gettext_lazy("修改内容"),
    "days": gettext_lazy("特殊日期"),
    "partners": gettext_lazy("协同单位"),
}
COLOURS: Final = {"added": "green", "changed": "blue", "removed": "red", "ended": "yellow"}


@allow(GET="changes")
def changes(request: HttpRequest) -> HttpResponse:
    """The newest first, by kind of object, one object, person and day."""
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("kind", "key", "q", "person", "day")}
    mine = Change.objects.visible_to(current_user(request))
    found = mine.select_related("by")
    if asked["kind"]:
        found = found.filter(kind=asked["kind"])
    if asked["key"]:
        found = found.filter(key=asked["key"])
    if asked["q"]:
        found = found.filter(Q(name__icontains=asked["q"]) | Q(key=asked["q"]))
    if asked["person"].isdecimal() and len(asked["person"]) < 10:
        found = found.filter(by=int(asked["person"]))
    day = _day(asked["day"])
    if day is not None:
        found = found.filter(made_at__gte=_midnight(day), made_at__lt=_midnight(day + timedelta(days=1)))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    kinds = sorted(mine.order_by().values_list("kind", flat=True).distinct())
    context = {
        "page": page,
        "rows": [_row(change) for change in page],
        "asked": asked,
        "day": day,
        "kinds": [(kind, kind_words(kind)) for kind in kinds],
        "people": User.objects.filter(pk__in=mine.order_by().values("by").distinct()).order_by("full_name", "username"),
    }
    return render(request, "people/changes.html", context)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def kind_words(kind: str) -> str:
    """What a kind of object is called; its label where the model is gone."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except LookupError:
        return kind


def _row(change: Change) -> dict[str, Any]:
    fields = [
        {
            "name": _field_words(change.kind, row["field"]),
            "old": _said(change.kind, row["field"], row["old"]),
            "new": _said(change.kind, row["field"], row["new"]),
        }
        for row in change.fields
    ]
    return {"change": change, "kind": kind_words(change.kind), "fields": fields, "colour": COLOURS[change.what]}


def _field_words(kind: str, name: str) -> str:
    if name in BESIDE:
        return str(BESIDE[name])
    try:
        return str(getattr(apps.get_model(kind)._meta.get_field(name), "verbose_name", name))
    except (LookupError, FieldDoesNotExist):
        return name


def _said(kind: str, name: str, value: str) -> str:
    """A stored value as a reader wants it: choices, yes and no in words, shapes and long texts cut."""
    try:
        field = apps.get_model(kind)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        field = None
    if value in ("True", "False"):
        return _("是") if value == "True" else _("否")
    told = str(dict(getattr(field, "flatchoices", None) or ()).get(value, value))
    return told if len(told) <= LONG else f"{told[:LONG]}…"
