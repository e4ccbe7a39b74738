"""疑难会商: meetings, their agenda of hard cases, decisions and tasks (P4.3)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.meetingforms import DecisionForm, MeetingForm
from dispatch.actions.meetings import decide
from dispatch.lifecycle import Doing, StaleStepError
from dispatch.models import Case, Meeting, MeetingItem, MeetingTask
from dispatch.profile import profile
from dispatch.transitions import IllegalStep
from people.access import allow, current_user, roles_of
from people.permissions import may

PAGE = 30
CANDIDATES = 50


def next_day(today: date, weekday: int) -> date:
    """The next day of the week (0 Monday), today included."""
    return today + timedelta(days=(weekday - today.weekday()) % 7)


@allow(GET="meetings", POST="meetings.write")
def meetings(request: HttpRequest) -> HttpResponse:
    """Every meeting, the newest first, and a form for the next one."""
    first = {"held_on": next_day(timezone.localdate(), profile().meeting_weekday)}
    form = MeetingForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        form.instance.made_by = current_user(request)
        return redirect("desks:meeting", meeting_id=form.save().pk)
    rows = Meeting.objects.prefetch_related("items__tasks")
    context = {"page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "form": form} | _rights(request)
    return render(request, "desks/meetings.html", context, status=422 if form.errors else 200)


@allow(GET="meetings")
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Agenda, decisions, what earlier meetings left to do; printed as it stands, without the forms."""
    return _show(request, get_object_or_404(Meeting, pk=meeting_id))


@allow(POST="meetings.write")
def agenda(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Put a case on the agenda."""
    found = get_object_or_404(Meeting, pk=meeting_id)
    seen = Case.objects.visible_to(current_user(request)).open()
    case = seen.filter(number=request.POST.get("number", "").strip()[:30]).first()
    if case is None:
        messages.error(request, _("没有这个编号的未结案件，请核对。"))
    else:
        MeetingItem.objects.get_or_create(meeting=found, case=case)
    return redirect("desks:meeting", meeting_id=meeting_id)


@allow(POST="meetings.write")
def item(request: HttpRequest, meeting_id: int, item_id: int) -> HttpResponse:
    """Write down analysis, decision and task of one case."""
    user = current_user(request)
    seen = Case.objects.visible_to(user).values("pk")
    rows = MeetingItem.objects.select_related("case", "meeting").filter(meeting=meeting_id, case__in=seen)
    found, form = get_object_or_404(rows, pk=item_id), DecisionForm(request.POST, auto_id=f"i{item_id}_%s")
    if not form.is_valid():
        return _show(request, found.meeting, bound=(found.pk, form), status=422)
    given = form.cleaned_data
    doing = Doing(user, timezone.now(), given["version"], given["operation"], given["decision"])
    try:
        decide(found.case, doing, item=found, analysis=given["analysis"], duty=form.duty())
    except (StaleStepError, IllegalStep):
        form.add_error(None, _("案件刚刚有变化，决定没有记录。请看过案件再记一次。"))
        return _show(request, found.meeting, bound=(found.pk, form), status=409)
    messages.success(request, _("已记录决定。"))
    return redirect("desks:meeting", meeting_id=meeting_id)


@allow(POST="meetings.write")
def done(request: HttpRequest, meeting_id: int, meeting_task_id: int) -> HttpResponse:
    """A task of a meeting is done, today."""
    tasks = MeetingTask.objects.visible_to(current_user(request))
    found = get_object_or_404(tasks, pk=meeting_task_id)
    MeetingTask.objects.filter(pk=found.pk, done_on=None).update(done_on=timezone.localdate())
    return redirect("desks:meeting", meeting_id=meeting_id)


def _show(
    request: HttpRequest, found: Meeting, *, bound: tuple[int, DecisionForm] | None = None, status: int = 200
) -> HttpResponse:
    user = current_user(request)
    seen = Case.objects.visible_to(user)
    items = found.items.filter(case__in=seen.values("pk")).select_related("case__category", "step__remark")
    rows = [(row, _form(row, bound)) for row in items.prefetch_related("tasks")]
    hard = seen.open().hard().exclude(meeting_items__meeting=found).order_by("received_at", "pk")
    left = MeetingTask.objects.visible_to(user).before(found.held_on)
    context: dict[str, Any] = {
        "meeting": found,
        "rows": rows,
        "left": left.select_related("item__case", "item__meeting"),
        "candidates": hard.values_list("number", "text")[:CANDIDATES],
        "today": timezone.localdate(),
    }
    return render(request, "desks/meeting.html", context | _rights(request), status=status)


def _form(row: MeetingItem, bound: tuple[int, DecisionForm] | None) -> DecisionForm | None:
    """The form of an item that is not decided yet; with what was typed where it was refused."""
    if row.step_id is not None:
        return None
    if bound is not None and bound[0] == row.pk:
        data = bound[1].data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["version"] = str(row.case.version)
        bound[1].data = data
        return bound[1]
    return DecisionForm(initial={"version": row.case.version, "operation": uuid4()}, auto_id=f"i{row.pk}_%s")


def _rights(request: HttpRequest) -> dict[str, Any]:
    return {"may_write": may(roles_of(request), "meetings.write")}
