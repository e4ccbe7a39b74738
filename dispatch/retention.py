"""Personal data goes after the years that the profile says; the log stays, and still verifies (ADR 19).

Of a case that ended so long ago: what callers said becomes the name of its class, addresses and reasons of callbacks
go, the words of its steps go with their salt, the originals of its photos go and the public copies stay. A person goes
with the last case. What is left says what happened, where in the grid, when and by which seat.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from dispatch.evidence import original_path
from dispatch.models import Anonymisation, Attachment, Callback, Case, Evidence, OrderRow, Part, Person, Remark, Report
from dispatch.profile import profile
from dispatch.transitions import ENDED

BATCH = 500
GONE = "（已匿名）"
WORDS_OF_REPORTS = ("unit_involved", "happened", "clues", "callback_when", "raw_text", "upper_answer")


def ended_before(at: datetime) -> datetime:
    """Cases that ended before this moment lose their personal data."""
    local = timezone.localtime(at)
    years = profile().retention.years
    try:
        return local.replace(year=local.year - years)
    except ValueError:  # 29 February
        return local.replace(year=local.year - years, day=28)


def due(at: datetime) -> "QuerySet[Case]":
    """Cases whose time has come, oldest first; a case that others were merged into waits for nothing."""
    found = Case.objects.filter(state__in=ENDED, state_since__lt=ended_before(at), anonymised_at=None)
    return found.order_by("state_since", "pk")


def anonymise(at: datetime, *, by: str = "") -> Anonymisation | None:
    """One batch, in one transaction, with a row that says so; None where nothing is due."""
    with transaction.atomic():
        cases = list(due(at).select_for_update(skip_locked=True, of=("self",)).select_related("category")[:BATCH])
        if not cases:
            return None
        keys = [case.pk for case in cases]
        reports = Report.objects.filter(case__in=keys)
        people = set(reports.exclude(person=None).values_list("person_id", flat=True))
        for case in cases:
            said = case.category.name if case.category else GONE
            Case.objects.filter(pk=case.pk).update(text=said, address="", anonymised_at=at)
            Report.objects.filter(case=case.pk).update(
                text=said, address="", matched="", why={}, given_point=None, **dict.fromkeys(WORDS_OF_REPORTS, "")
            )
        remarks = Remark.objects.filter(step__case__in=keys, anonymised_at=None).update(
            text="", salt="", anonymised_at=at
        )
        Callback.objects.filter(case__in=keys).exclude(reason="").update(reason=GONE)
        Part.objects.filter(case__in=keys).exclude(reply="").update(reply=GONE)
        return Anonymisation.objects.create(
            at=at,
            by=by,
            ended_before=ended_before(at),
            years=profile().retention.years,
            cases=len(keys),
            reports=reports.count(),
            remarks=remarks,
            persons=_forget(people, at),
            photos=_drop_originals(keys),
        )


def _forget(people: set[int], at: datetime) -> int:
    """Names and numbers of those who have no case left that still knows them."""
    living = Report.objects.filter(person=OuterRef("pk")).exclude(case__anonymised_at__isnull=False)
    gone = Person.objects.filter(pk__in=people, anonymised_at=None).filter(~Exists(living))
    return gone.update(name="", phone="", company="", credit_code="", callback_phone="", anonymised_at=at)


def _drop_originals(keys: list[int]) -> int:
    """Original files of photos that only belong to such cases; the public copies have neither EXIF nor size."""
    others = Attachment.objects.filter(evidence=OuterRef("pk")).filter(case__anonymised_at=None)
    mine = Evidence.objects.filter(attachments__case__in=keys).filter(~Exists(others)).distinct()
    count = 0
    for sha256 in mine.values_list("sha256", flat=True):
        path = original_path(sha256)
        count += path.exists()
        path.unlink(missing_ok=True)
    return count


def forget_rows(at: datetime) -> int:
    """What rejected rows of order files said, after the same years: file, row and reason stay."""
    old = OrderRow.objects.filter(file__uploaded_at__lt=ended_before(at)).exclude(values={}, corrected={})
    return old.update(values={}, corrected={})


def anonymise_due() -> str:
    """The worker's daily task: all batches that are due."""
    at, cases = timezone.now(), 0
    forget_rows(at)
    while row := anonymise(at):
        cases += row.cases
    return f"{cases} cases"
