"""A live programme: answers on air; what needs work, and all that stayed open, become reports (P3.23)."""

from datetime import datetime
from uuid import uuid5

from django.db import transaction

from dispatch.intake import Caller, Intake, register
from dispatch.models import Case, LiveGuest, LiveQuestion, LiveSession
from dispatch.unattended import placed
from people.models import User


def answer(question: LiveQuestion, *, guest: LiveGuest, words: str, at: datetime) -> bool:
    """Keep what a guest of the session said; False where somebody has written an answer already."""
    open_one = LiveQuestion.objects.filter(pk=question.pk, answered_at=None, session=guest.session_id)
    return bool(open_one.update(guest=guest, answer=words.strip(), answered_at=at))


@transaction.atomic
def take_on(question: LiveQuestion, *, by: User, at: datetime) -> Case:
    """A report of the question, through the channel of the programme; once, however often it is asked for."""
    question = (
        LiveQuestion.objects.select_for_update(of=("self",)).select_related("session__channel").get(pk=question.pk)
    )
    if question.case is not None:
        return question.case
    channel = question.session.channel
    caller = Caller(name=question.asker, phone=question.phone, anonymous=not (question.asker or question.phone))
    intake = Intake(
        question.text, channel=channel, request_type=channel.default_type, caller=caller, called_at=question.asked_at
    )
    case = register(placed(intake, at), by=by, at=at, operation=uuid5(question.operation, "case"))
    LiveQuestion.objects.filter(pk=question.pk).update(case=case)
    return case


@transaction.atomic
def end(session: LiveSession, *, by: User, at: datetime) -> list[Case] | None:
    """The programme is over: each question without an answer becomes a report. None where it had ended before."""
    if not LiveSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=at):
        return None
    return [take_on(question, by=by, at=at) for question in session.questions.open()]
