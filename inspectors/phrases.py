"""常用语: words that go into a note with one tap."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from inspectors.models import Phrase
from people.models import User

# what inspectors write most, until the city has phrases of its own
USUAL: Final = (
    _("现场情况属实，已拍照。"),
    _("现场未发现该问题。"),
    _("已设置警示标志。"),
    _("影响通行，请尽快处置。"),
    _("已处置完毕，现场干净。"),
    _("仍未处置。"),
)
MOST: Final = 30


def phrases_for(user: User) -> list[str]:
    """The user's own phrases, then those for everybody; the usual ones where there are none for everybody."""
    rows = list(Phrase.objects.visible_to(user)[: 2 * MOST])
    common = [row.text for row in rows if row.user_id is None] or [str(words) for words in USUAL]
    return [*(row.text for row in rows if row.user_id is not None), *common]
