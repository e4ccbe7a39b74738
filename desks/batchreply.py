"""批量反馈: one answer for several cases of an agency; each by the ordinary action, in a transaction of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from dispatch.actions.handling import handled, own_part
from dispatch.evidence import BadPhotoError, Photo, store
from dispatch.lifecycle import (
    Doing,
    DutiesError,
    MissingEvidenceError,
    NotAllowedError,
    NotSignedError,
    StaleStepError,
    done_before,
)
from dispatch.models import Case, Part
from dispatch.transitions import Action, Flow, IllegalStep, Need, State
from people.models import User

MOST = 30


@dataclass(frozen=True)
class Item:
    """A case of the batch: the version that the page showed, and the key under which it is replied to once."""

    case: Case
    version: int
    operation: UUID
    photos: list[Any] = field(default_factory=list)

    @property
    def wants_photo(self) -> bool:
        return self.case.flow == Flow.STREET


@dataclass(frozen=True)
class Outcome:
    """What became of one case: replied, or the sentence why not."""

    case: Case
    why: str = ""

    @property
    def done(self) -> bool:
        return not self.why


def choose(user: User, numbers: Iterable[str]) -> list[Case]:
    """The cases of these numbers that the user may see, in the order of the numbers, no more than a page can hold."""
    wanted = list(dict.fromkeys(numbers))[:MOST]
    found = {
        case.number: case
        for case in Case.objects.visible_to(user)
        .filter(number__in=wanted)
        .select_related("category", "community", "channel", "owner")
    }
    return [found[number] for number in wanted if number in found]


def items_of(cases: list[Case], data: Any, files: "MultiValueDict[str, Any]") -> list[Item]:  # noqa: ANN401
    """What the page sent for each case; a row that lost its version or key gets those of now."""
    return [_item(case, data, files) for case in cases]


def _item(case: Case, data: Any, files: "MultiValueDict[str, Any]") -> Item:  # noqa: ANN401
    version, operation = data.get(f"version_{case.pk}", ""), data.get(f"operation_{case.pk}", "")
    try:
        key = UUID(operation)
    except ValueError:
        key = uuid4()
    seen = int(version) if version.isdecimal() and len(version) < 9 else case.version
    return Item(case, seen, key, files.getlist(f"photos_{case.pk}"))


def reply_to(item: Item, text: str, *, public: bool, by: User, at: datetime) -> Outcome:
    """处置反馈 of one case; what the ordinary step would refuse is refused here too, and the others are not touched."""
    case = item.case
    if done_before(item.operation) is not None:
        return Outcome(case)
    try:
        part = own_part(case, by)
        _still_open(case, part, item)
        photos = [Photo(store(upload, at=at)) for upload in item.photos]
        doing = Doing(by=by, at=at, version=item.version, operation=item.operation, note=text)
        handled(case, doing, part=part, photos=photos, public=public)
    except StaleStepError:
        return Outcome(case, _("打开页面后案件已有变动，没有反馈；请看过案件再试。"))
    except IllegalStep:
        return Outcome(case, _("案件现在是“%(state)s”，不能反馈。") % {"state": case.get_state_display()})
    except MissingEvidenceError as error:
        needs = "、".join(str(Need(need).label) for need in error.needs)
        return Outcome(case, _("还缺：%(needs)s。") % {"needs": needs})
    except (BadPhotoError, DutiesError, NotSignedError) as error:  # their text is a sentence
        return Outcome(case, str(error))
    except NotAllowedError:
        return Outcome(case, _("案件不在本单位，或您不能反馈。"))
    return Outcome(case)


def _still_open(case: Case, part: Part, item: Item) -> None:
    """A state that has moved on is told as such, not as a lost race."""
    if case.state != State.HANDLING or part.stage != Part.Stage.HANDLING:
        raise IllegalStep(case.flow, Action.HANDLED, case.state)
    if case.version != item.version:
        raise StaleStepError(case)


def again(item: Item, case: Case) -> Item:
    """The same row for another try, on the case as it is now and under a key of its own."""
    return replace(item, case=case, version=case.version, operation=uuid4(), photos=[])
