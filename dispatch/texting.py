"""Tells units by SMS that a case was dispatched to them, through the city's own gateway (P1.9).

The gateway is one HTTPS address that takes `{"id", "to", "text"}` as JSON with a bearer token and answers 2xx; the
id is the same at each try, so that a gateway can tell a repetition.
"""

import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from dispatch.models import Clock, Event, Part, TextMessage
from dispatch.profile import profile
from dispatch.transitions import Action
from people.models import Agency

TRIES = 6
RECALLED = "recalled"  # the dispatch was taken back before the message went out
HELD = timedelta(seconds=30)  # longer than a dispatch can be taken back
FIRST_WAIT = timedelta(minutes=1)  # doubled after each failure: the last try comes half an hour after the first
AT_ONCE = 100
SECONDS = 10


def on_event(event: Event) -> None:
    """A message to each unit of a dispatch, where this place sends them; once for a step and unit.

    It waits for as long as the dispatch can be taken back; then it is not sent.
    """
    if event.kind == f"case.{Action.RECALL}":
        waiting = TextMessage.objects.filter(step__case=event.case, state=TextMessage.State.QUEUED, tries=0)
        waiting.update(state=TextMessage.State.FAILED, error=RECALLED)
        return
    if event.kind != f"case.{Action.DISPATCH}" or event.step is None or not profile().texts:
        return
    parts = Part.objects.filter(case=event.case, dispatched_at=event.step.recorded_at).select_related(
        "agency", "case__category"
    )
    for part in parts:
        number = part.agency.text_phone
        TextMessage.objects.get_or_create(
            step=event.step,
            agency=part.agency,
            defaults={
                "number": number,
                "words": words_for(part),
                "made_at": event.created_at,
                "next_try": event.created_at + HELD,
                "state": TextMessage.State.QUEUED if number else TextMessage.State.FAILED,
                "error": "" if number else "no number",
            },
        )


def words_for(part: Part) -> str:
    """Number, class and limit, in the city's language: nothing that somebody said, no name, no address."""
    clock = Clock.objects.filter(part=part, kind=Clock.Kind.HANDLE).order_by("-pk").first()
    with override("zh-hans"):
        due = f"{timezone.localtime(clock.due_at):%m-%d %H:%M}" if clock else "—"
        told = {"number": part.case.number, "kind": part.case.category or _("未归类"), "due": due}
        return (_("新派案件 %(number)s（%(kind)s），请于 %(due)s 前处置并反馈。") % told)[:300]


def send_due() -> str:
    """The worker's task each minute: send what is due; without a gateway messages wait and the page says so."""
    if not settings.TEXT_GATEWAY:
        return "no gateway"
    at, sent = timezone.now(), 0
    for message in TextMessage.objects.due(at)[:AT_ONCE]:
        sent += send(message, timezone.now())
    return f"{sent} sent"


def send(message: TextMessage, at: datetime) -> bool:
    """One try; after the last one it has failed, until somebody tries again."""
    error = _post(message)
    if not error:
        return _note(message, state=TextMessage.State.SENT, sent_at=at, error="")
    tries = message.tries + 1
    state = TextMessage.State.FAILED if tries >= TRIES else TextMessage.State.QUEUED
    _note(message, state=state, error=error[:200], next_try=at + FIRST_WAIT * 2 ** (tries - 1))
    return False


def _note(message: TextMessage, **values: object) -> bool:
    tried = TextMessage.objects.filter(pk=message.pk, tries=message.tries, state=TextMessage.State.QUEUED)
    return bool(tried.update(tries=message.tries + 1, **values))


def _post(message: TextMessage) -> str:
    """What went wrong, or nothing."""
    body = json.dumps({"id": f"{message.pk}", "to": message.number, "text": message.words}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.TEXT_GATEWAY_TOKEN}"}
    request = urllib.request.Request(settings.TEXT_GATEWAY, body, headers)  # noqa: S310 - https, see settings
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except (urllib.error.URLError, OSError) as error:
        return f"{error}"


def try_again(message: TextMessage, agency: Agency, at: datetime) -> bool:
    """Queue a failed one anew, to the number that the unit has now; False where it has none or it did not fail."""
    failed = TextMessage.objects.filter(pk=message.pk, state=TextMessage.State.FAILED).exclude(error=RECALLED)
    if not agency.text_phone:
        return False
    queued = {"state": TextMessage.State.QUEUED, "number": agency.text_phone, "next_try": at, "tries": 0, "error": ""}
    return bool(failed.update(**queued))
