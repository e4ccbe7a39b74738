"""What lies around a place of a finding, asked while the inspector chooses; the position stands in no address."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from inspectors.around import around as read_around
from inspectors.forms import AroundForm
from people.access import allow, current_user


@allow(POST="field")
def around(request: HttpRequest) -> JsonResponse:
    """Address, components and likely repeats as JSON; 422 for a place that is none."""
    form = AroundForm(request.POST, at=timezone.now())
    if not form.is_valid():
        return JsonResponse({"code": "form"}, status=422)
    found = read_around(form.cleaned_data["point"], form.cleaned_data["category"], current_user(request))
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})
