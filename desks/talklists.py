"""The lists of messages between agencies and the centre."""

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy

from desks.desklists import Tab
from desks.unitwork import talk_notes, unread_talk
from dispatch.models import Case, CaseQuerySet, TalkLine, TalkLineQuerySet
from people.models import User


def talk_tabs(user: User) -> list[Tab]:
    """Unread by this side, waiting for the other side to read, and all open cases with messages."""
    fresh = unread_talk(user)
    seen = Case.objects.visible_to(user)
    sent = TalkLine.objects.filter(by=user, read_at=None, part__withdrawn_at=None)
    said = TalkLine.objects.filter(part__withdrawn_at=None)
    return [
        _of("unread", gettext_lazy("未读消息"), gettext_lazy("没有未读的消息。"), seen, fresh),
        _of("sent", gettext_lazy("对方未读"), gettext_lazy("您发出的消息对方都已读。"), seen, sent),
        _of("all", gettext_lazy("在办往来"), gettext_lazy("在办案件还没有往来消息。"), seen.open(), said),
    ]


def _of(key: str, title: object, empty: object, seen: CaseQuerySet, lines: TalkLineQuerySet) -> Tab:
    # not Exists for each case: the few messages choose the cases
    cases = seen.filter(pk__in=lines.order_by().values("part__case"))
    last = lines.filter(part__case=OuterRef("pk")).order_by("-at").values("at")[:1]
    order = ("-said_at", "-pk")
    return Tab(
        key,
        str(title),
        str(empty),
        cases.annotate(said_at=Subquery(last)),
        order,
        mixed=True,
        notes=lambda rows: talk_notes(rows, lines),
    )
