"""月度审阅: every closed item of a leader's line, month by month, each seen or sent back (P3.11)."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.reviewing import mark_seen, solve_again
from dispatch.lifecycle import Doing, NotAllowedError, StaleStepError
from dispatch.models import Case, Review
from dispatch.reviews import by_closing, line_of, progress, to_review
from dispatch.transitions import IllegalStep
from people.access import allow, current_user
from people.models import User

PAGE = 30


class ReviewForm(forms.Form):
    """Seen, or to be solved again with an instruction."""

    verdict = forms.ChoiceField(choices=Review.Verdict.choices)
    version = forms.IntegerField()
    operation = forms.UUIDField()
    note = forms.CharField(label=gettext_lazy("指示"), max_length=2000, required=False)

    def clean(self) -> None:
        if self.cleaned_data.get("verdict") == Review.Verdict.AGAIN and not self.cleaned_data.get("note", "").strip():
            self.add_error("note", _("重新解决请写明指示。"))


def month_of(text: str) -> date:
    """The first day of the month that the address names, else of this month."""
    try:
        found = parse_date(f"{text}-01")
    except ValueError:
        found = None
    return found or timezone.localdate().replace(day=1)


def bounds_of(month: date) -> tuple[datetime, datetime]:
    """The month from its first instant until before the end."""
    following = (month + timedelta(days=32)).replace(day=1)
    first, end = (datetime(day.year, day.month, 1, tzinfo=settings.CITY.zone) for day in (month, following))
    return first, end


@allow(GET="review")
def review(request: HttpRequest) -> HttpResponse:
    """What was closed in a month and is not looked at yet."""
    user, month = current_user(request), month_of(request.GET.get("month", ""))
    first, end = bounds_of(month)
    cases = to_review(user, first, end).select_related("category", "community").prefetch_related("parts__agency")
    page = Paginator(by_closing(cases), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(case, uuid4()) for case in page],
        "month": month,
        "earlier": (month - timedelta(days=1)).replace(day=1),
        "later": (month + timedelta(days=32)).replace(day=1),
        "progress": progress(user, first, end),
    }
    return render(request, "desks/review.html", context)


@allow(POST="review")
def review_case(request: HttpRequest, number: str) -> HttpResponse:
    """One case of the line."""
    user = current_user(request)
    case = line_of(user).filter(number=number).first()
    if case is None:
        raise Http404
    month = timezone.localtime(case.closed_at or timezone.now())
    form = ReviewForm(request.POST)
    if not form.is_valid():
        said = [error for errors in form.errors.values() for error in errors]
        messages.error(request, f"{case.number}：{said[0]}")
    else:
        _say(request, case, user, form)
    return redirect(f"{reverse('desks:review')}?month={month:%Y-%m}")


def _say(request: HttpRequest, case: Case, user: User, form: ReviewForm) -> None:
    given, at = form.cleaned_data, timezone.now()
    doing = Doing(by=user, at=at, version=given["version"], operation=given["operation"], note=given["note"])
    try:
        if given["verdict"] == Review.Verdict.AGAIN:
            solve_again(case, doing)
        else:
            mark_seen(case, by=user, at=at)
    except (StaleStepError, IllegalStep):
        messages.error(request, _("案件 %(number)s 已有变动，请刷新后再看。") % {"number": case.number})
    except NotAllowedError:
        messages.error(request, _("您不能退回案件 %(number)s。") % {"number": case.number})
    else:
        messages.success(request, _("案件 %(number)s 已审阅。") % {"number": case.number})
