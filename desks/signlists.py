"""What waits for a signature: for mine, and for anybody's."""

from django.utils.translation import gettext_lazy

from desks.desklists import Tab
from dispatch.models import Case
from dispatch.profile import profile
from dispatch.signoff import Line, waiting
from dispatch.transitions import Action
from people.models import User


def signing_tabs(user: User) -> list[Tab]:
    """Nothing where the place has no chain."""
    if not profile().signing.chains:
        return []
    seen = Case.objects.visible_to(user)
    everything = waiting(seen)
    return [
        _of("sign", gettext_lazy("待我签批"), gettext_lazy("需要您签批的案件会排在这里。"), waiting(seen, user)),
        _of("signing", gettext_lazy("全部待签批"), gettext_lazy("没有等待签批的案件。"), everything),
    ]


def _of(key: str, title: object, empty: object, found: dict[int, Line]) -> Tab:
    def notes(rows: list[Case]) -> dict[int, str]:
        return {row.pk: f"{found[row.pk].chain.name} · {found[row.pk].words}" for row in rows}

    cases = Case.objects.filter(pk__in=list(found))
    return Tab(key, str(title), str(empty), cases, mixed=True, notes=notes, opens=Action.COUNTERSIGN)
