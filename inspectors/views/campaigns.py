"""专项普查: places of campaigns near me on the phone; planned by the shift lead from cells or components."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.gis.db.models.functions import GeometryDistance
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import Case, Undertaking
from gridmap.datums import lonlat
from gridmap.models import Category
from inspectors import campaigns as plans
from inspectors import positions
from inspectors.forms import PositionForm
from inspectors.models import DutyZone, Spot
from inspectors.wording import distance_words
from inspectors.zones import communities_of
from people.access import allow, current_user

SHOWN = 60


class PlanForm(forms.Form):
    """What a campaign wants seen: each cell of some zones, or each component of a class there."""

    campaign = forms.ModelChoiceField(Undertaking.objects.none(), label=gettext_lazy("专项行动"))
    zones = forms.ModelMultipleChoiceField(
        DutyZone.objects.none(), label=gettext_lazy("责任网格"), widget=forms.CheckboxSelectMultiple
    )
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=gettext_lazy("部件类别"),
        required=False,
        empty_label=gettext_lazy("不选部件，逐格查看"),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        going = Undertaking.objects.open().filter(kind=Undertaking.Kind.CAMPAIGN)
        classes = Category.objects.classes().on(timezone.localdate(at)).filter(kind=Category.Kind.COMPONENT)
        self.fields["campaign"].queryset = going  # type: ignore[attr-defined]
        self.fields["zones"].queryset = DutyZone.objects.all()  # type: ignore[attr-defined]
        self.fields["category"].queryset = classes.order_by("code")  # type: ignore[attr-defined]


@allow(GET="patrol.plan", POST="patrol.plan")
def patrol_campaigns(request: HttpRequest) -> HttpResponse:
    """Campaigns with their places, how many were seen, what was found; and the form that adds places."""
    at = timezone.now()
    form = PlanForm(request.POST or None, at=at)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        areas = communities_of(given["zones"])
        if given["category"] is not None:
            number = plans.plan_components(given["campaign"], areas, given["category"])
        else:
            number = plans.plan_cells(given["campaign"], areas, at)
        messages.success(request, _("已加入 %(number)d 个普查点。") % {"number": number})
        return redirect("inspectors:patrol_campaigns")
    going = Undertaking.objects.filter(kind=Undertaking.Kind.CAMPAIGN).annotate(
        places=Count("spots"),
        seen=Count("spots", filter=Q(spots__done_at__isnull=False)),
        found=Count("spots", filter=Q(spots__result=Spot.Result.FOUND)),
        absent=Count("spots", filter=Q(spots__result=Spot.Result.ABSENT)),
    )
    context = {"form": form, "campaigns": going.filter(Q(places__gt=0) | Q(ended_on=None))}
    return render(request, "inspectors/patrol_campaigns.html", context, status=422 if form.is_bound else 200)


@allow(GET="field", POST="field")
def spots(request: HttpRequest) -> HttpResponse:
    """Places of campaigns in my zones that nobody has seen, nearest first once the phone has told its place."""
    at, user = timezone.now(), current_user(request)
    fix = None
    if request.method == "POST":
        form = PositionForm(request.POST)
        if form.is_valid():
            fix = form.fix(at)
            positions.note(user, fix, at)
    waiting = plans.waiting_spots(user, at)
    rows = waiting.select_related("campaign", "component__category", "community")
    near = rows.annotate(metres=GeometryDistance("point", fix.point)).order_by("metres", "pk") if fix else rows
    context = {
        "rows": [
            {"spot": spot, "distance": distance_words(spot.metres) if fix else ""}  # type: ignore[attr-defined]
            for spot in near[:SHOWN]
        ],
        "number": waiting.count(),
        "done": Spot.objects.filter(done_by=user, done_at__date=timezone.localdate(at)).count(),
        "fix": fix,
    }
    return render(request, f"inspectors/{'_spots' if request.method == 'POST' else 'spots'}.html", context)


@allow(GET="field")
def spot(request: HttpRequest, spot_id: int) -> HttpResponse:
    """One place: what to look for, and what was seen; something found is reported as any other finding."""
    at, user = timezone.now(), current_user(request)
    mine = Spot.objects.filter(Q(pk__in=plans.waiting_spots(user, at)) | Q(done_by=user))
    rows = mine.select_related("campaign", "component__category", "community", "case")
    found = get_object_or_404(rows, pk=spot_id)
    own = Case.objects.filter(
        steps__actor=user, steps__action__in=plans.FOUND, received_at__date=timezone.localdate(at)
    )
    context = {
        "spot": found,
        "place": lonlat(found.point),
        "own": own.select_related("category").distinct().order_by("-received_at")[:5],
    }
    return render(request, "inspectors/spot.html", context)
