"""Steps for many cases at once, what became of each, and the ten seconds in which they can be taken back."""

import csv
import re
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.bulk import MOST, Outcome, Take, Wanted, by_form, take_back, take_each, to_inspector
from desks.filters import Filter, each_once
from desks.lights import read_lights
from desks.listing import export_rows
from dispatch.actions.undoing import UNDO_SECONDS
from dispatch.models import Case, CaseQuerySet, Supervision, Undertaking
from dispatch.orders.tables import shielded
from dispatch.transitions import Action
from inspectors.models import Shift
from people.access import allow, current_user, roles_of
from people.models import Agency, User
from people.permissions import may

MOST_EXPORTED = 20_000
TICKED = re.compile(r"([\w-]{1,30})~(\d{1,6})$")


class BulkForm(forms.Form):
    """What every bulk step has: the cases, a number that makes it happen once, and words."""

    permission = ""
    title: str | Promise = ""
    hint: str | Promise = ""
    tone = "primary"
    field_order = ("lead", "inspector", "event", "kind", "due_on", "note")
    operation = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("说明"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def take(self, user: User) -> Take:
        raise NotImplementedError

    def given(self, *names: str) -> dict[str, Any]:
        """Fields of this form that go into each case's own form, as a browser would send them."""
        values = {name: self.cleaned_data[name] for name in ("note", *names)}
        return {name: getattr(value, "pk", value) for name, value in values.items() if value not in (None, "")}


class DispatchMany(BulkForm):
    permission, title = "case.dispatch", gettext_lazy("批量派遣")
    hint = gettext_lazy("不选单位时，每件派往规则建议的单位；另选单位须写明理由。")
    lead = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("承办单位"), required=False, empty_label=gettext_lazy("按规则建议")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = Agency.objects.active(timezone.localdate()).listed()  # type: ignore[attr-defined]

    def take(self, user: User) -> Take:
        chosen = self.given("lead")
        return by_form(Action.DISPATCH, user, timezone.now(), chosen | ({"others": []} if "lead" in chosen else {}))


class HandMany(BulkForm):
    permission, title = "tasks.hand", gettext_lazy("指派监督员")
    hint = gettext_lazy("已受理的城市管理案件派出核实；已有现场任务的改由所选监督员办理。")
    inspector = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("监督员"), required=False, empty_label=gettext_lazy("就近的值班人员")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        on_duty = Shift.objects.on_duty(timezone.now()).values("inspector")
        self.fields["inspector"].queryset = User.objects.filter(pk__in=on_duty)  # type: ignore[attr-defined]

    def take(self, user: User) -> Take:
        return to_inspector(user, timezone.now(), self.cleaned_data["inspector"])


class SuperviseMany(BulkForm):
    permission, title = "case.supervise", gettext_lazy("批量督办")
    kind = forms.ChoiceField(
        label=gettext_lazy("督办种类"),
        choices=[(kind.value, kind.label) for kind in (Supervision.Kind.KEY, Supervision.Kind.LEADER)],
    )
    due_on = forms.DateField(
        label=gettext_lazy("要求完成日期"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].label = _("督办意见")

    def take(self, user: User) -> Take:
        return by_form(Action.SUPERVISE, user, timezone.now(), self.given("kind", "due_on"))


class GatherMany(BulkForm):
    permission, title = "case.gather", gettext_lazy("归入突发事件")
    hint = gettext_lazy("诉求人得到统一答复；通告规定了时限的，处置时限随之顺延。")
    event = forms.ModelChoiceField(Undertaking.objects.none(), label=gettext_lazy("突发事件"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["event"].queryset = Undertaking.objects.events()  # type: ignore[attr-defined]

    def take(self, user: User) -> Take:
        return by_form(Action.GATHER, user, timezone.now(), self.given("event"))


class FileMany(BulkForm):
    permission, title = "case.file", gettext_lazy("批量立案")

    def take(self, user: User) -> Take:
        return by_form(Action.FILE, user, timezone.now(), self.given())


class CloseMany(BulkForm):
    permission, title = "case.close", gettext_lazy("批量结案")

    def take(self, user: User) -> Take:
        return by_form(Action.CLOSE, user, timezone.now(), self.given())


FORMS: dict[str, type[BulkForm]] = {
    "dispatch": DispatchMany,
    "file": FileMany,
    "close": CloseMany,
    "hand": HandMany,
    "supervise": SuperviseMany,
    "gather": GatherMany,
}


def bulk_choices(request: HttpRequest) -> list[tuple[str, str | Promise]]:
    """The bulk steps that this user's roles may take."""
    roles = roles_of(request)
    return [(name, form.title) for name, form in FORMS.items() if may(roles, form.permission)]


@allow(GET="console", POST="console")
def bulk(request: HttpRequest, bulk_step: str) -> HttpResponse:
    """The form of a bulk step, or what it did to each case."""
    if bulk_step not in FORMS:
        raise Http404
    if not may(roles_of(request), FORMS[bulk_step].permission):
        raise PermissionDenied
    if request.method == "GET":
        return _form(request, bulk_step, FORMS[bulk_step](initial={"operation": uuid4()}))
    form, wanted = FORMS[bulk_step](request.POST), _wanted(request)
    if not wanted:
        form.add_error(None, _("没有选中案件。"))
    if not form.is_valid():
        return _form(request, bulk_step, form, status=422)
    user = current_user(request)
    outcomes = take_each(wanted, user, form.cleaned_data["operation"], form.take(user))
    return _told(request, form.title, outcomes)


@allow(POST="console")
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what was just done, where nobody has acted since."""
    asked = request.POST.getlist("operation")[:MOST]
    try:
        operations = [UUID(one) for one in asked]
    except ValueError:
        operations = []
    outcomes = take_back(operations, current_user(request), timezone.now())
    return _told(request, _("撤销"), outcomes)


@allow(POST="console")
def export(request: HttpRequest) -> HttpResponse:
    """The ticked cases, or all that the filter leaves, as a table; what callers said is masked."""
    user = current_user(request)
    lights = read_lights(timezone.now())
    if request.POST.get("all"):
        cases = _chosen(request).order_by("-received_at")[:MOST_EXPORTED]
    else:
        numbers = [row.number for row in _wanted(request)]
        cases = Case.objects.visible_to(user).filter(number__in=numbers).order_by("-received_at")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="cases-{timezone.localdate()}.csv"'
    response.write("\ufeff")  # Excel reads UTF-8 only with the mark
    writer = csv.writer(response)
    for row in export_rows(cases, lights):
        writer.writerow(map(shielded, row))
    return response


def _wanted(request: HttpRequest) -> list[Wanted]:
    """The ticked rows as "number~version"; or, for all of a filter, its first cases as they are now."""
    if request.POST.get("all"):
        return [Wanted(number) for number in _chosen(request).values_list("number", flat=True)[:MOST]]
    found = (TICKED.match(text) for text in request.POST.getlist("case"))
    return [Wanted(match[1], int(match[2])) for match in found if match]


def _chosen(request: HttpRequest) -> CaseQuerySet:
    choice = Filter.read(QueryDict(request.POST.get("query", "").removeprefix("?")))
    return choice.apply(each_once(Case.objects.visible_to(current_user(request))), read_lights(timezone.now()))


def _form(request: HttpRequest, what: str, form: BulkForm, status: int = 200) -> HttpResponse:
    return render(request, "desks/_bulk_form.html", {"form": form, "what": what, "most": MOST}, status=status)


def _told(request: HttpRequest, title: str | Promise, outcomes: list[Outcome]) -> HttpResponse:
    done = [row for row in outcomes if row.done]
    context = {
        "title": title,
        "done": done,
        "refused": [row for row in outcomes if not row.done],
        "undoable": [row.operation for row in done if row.operation],
        "seconds": UNDO_SECONDS,
    }
    return render(request, "desks/_bulk_told.html", context)
