"""岗位考评: the figures of inspectors, operators, dispatchers and shift leads, by person and month."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dispatch.models import Case
from people.access import allow, current_user
from people.models import User
from scorecards import posts as figures
from scorecards.cards import rules_of_city
from scorecards.columns import GRADE_COLOURS, said
from scorecards.periods import Month
from scorecards.postfigures import POST_COUNT, POST_COUNTS, POST_NAME, POST_RATE, POST_RATES
from scorecards.scores import BY_POST, Subject
from scorecards.views.asked import month_in
from scorecards.wording import formula_words

PAGE = 50
# sums that have no rows of their own
SUMS = {"findable"}


@allow(GET="posts")
def posts(request: HttpRequest) -> HttpResponse:
    """One post in a month: everybody whom the user may see, with places among all."""
    user, month, rules = current_user(request), month_in(request.GET.get("month", "")), rules_of_city()
    open_ = figures.posts_of(user)
    post = _post(request.GET.get("post", ""), open_)
    all_cards = figures.cards(post, month, rules.minimum_sample)
    shown = [card for card in all_cards if figures.sees(user, post, card.person)]
    formula, counts = BY_POST[post], POST_COUNT[post]
    this_month = Month.of(timezone.now(), settings.CITY.zone)
    context = {
        "month": month,
        "later": month.next if month < this_month else None,
        "running": not month.over(timezone.now(), settings.CITY.zone),
        "posts": [(each, POST_NAME[each]) for each in open_],
        "post": post,
        "name": POST_NAME[post],
        "heads": [*POST_COUNTS[post], *POST_RATES[post]],
        "rows": [(card, _cells(post, card), _colour(card)) for card in shown],
        "ranked": sum(card.place is not None for card in all_cards),
        "hidden": len(all_cards) - len(shown),
        "least": rules.minimum_sample,
        "first": POST_COUNTS[post][0].name,
        "definitions": POST_COUNTS[post],
        "rates": [(rate, counts[rate.numerator], counts[rate.denominator]) for rate in POST_RATES[post]],
        "formula": formula,
        "formula_words": formula_words(formula, {**counts, **POST_RATE[post]}),
    }
    return render(request, "scorecards/posts.html", context)


def _post(text: str, open_: list[Subject]) -> Subject:
    """The post that is asked for, the first one that may be seen for none. Raises Http404 for any other."""
    chosen = next((post for post in open_ if post == text), open_[0] if open_ and not text else None)
    if chosen is None:
        raise Http404
    return chosen


def _cells(post: Subject, card: figures.PostCard) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for count in POST_COUNTS[post]:
        number = card.counts[count.key]
        opens = bool(number) and count.key not in SUMS
        cells.append({"key": count.key, "name": count.name, "text": said(number, rate=False), "opens": opens})
    for rate in POST_RATES[post]:
        text = said(card.rates[rate.key], rate=True)
        cells.append({"key": rate.key, "name": rate.name, "text": text, "opens": False, "rate": True})
    return cells


def _colour(card: figures.PostCard) -> str:
    return GRADE_COLOURS.get(card.grade, "") if card.place is not None else "ghost"


@allow(GET="posts")
def post_cases(request: HttpRequest, post: str, username: str, count: str) -> HttpResponse:
    """The rows behind one number of one person; cases that the user may not see are counted, not listed."""
    user, month = current_user(request), month_in(request.GET.get("month", ""))
    subject, person = _post(post, figures.posts_of(user)), get_object_or_404(User, username=username)
    if not figures.sees(user, subject, person) or count not in POST_COUNT[subject] or count in SUMS:
        raise Http404
    rows, when = figures.behind(subject, count, month, person.pk)
    total = rows.count()
    pages = Paginator(rows.filter(case__in=Case.objects.visible_to(user)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "month": month,
        "post": subject,
        "person": person,
        "count": POST_COUNT[subject][count],
        "total": total,
        "hidden": total - pages.count,
        "page": page,
        # a room above this floor, so its path is written out
        "lines": [(row.case, f"/cases/{row.case.number}/", getattr(row, when)) for row in page],
    }
    return render(request, "scorecards/post_cases.html", context)
