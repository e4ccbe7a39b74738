"""Personal data goes after the years that the profile says; the log stays, and still verifies (ADR 19).

Of a case that ended so long ago: what callers said becomes the name of its class, addresses, clues, replies, inquiries
and reasons of callbacks go, the words of its steps go with their salt, the originals of its photos go and the public
copies stay. A person goes with the last case. What is left says what happened, where in the grid, when and by which
seat.
"""

import time
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from dispatch.evidence import original_path, public_path
from dispatch.models import (
    Anonymisation,
    Attachment,
    Call,
    Callback,
    Case,
    Delegation,
    Diversion,
    Document,
    Evidence,
    Handover,
    Household,
    HouseholdCare,
    HouseholdVisit,
    InboundMail,
    Invitation,
    LiveQuestion,
    MeetingItem,
    MeetingTask,
    OrderRow,
    Part,
    Person,
    Remark,
    Report,
    Statement,
    TalkLine,
    Whistle,
    WhistleCall,
)
from dispatch.profile import profile
from dispatch.transitions import ENDED

BATCH = 500
SLICE_SECONDS = 20.0
GONE = "（已匿名）"
# Columns with words of people: how their row finds its case, and what is left. A test sees that none is forgotten.
WORDS: dict[tuple[type[Model], str], dict[str, str]] = {
    (Case, "pk"): {"address": ""},
    (Report, "case"): {
        "address": "",
        "matched": "",
        "unit_involved": "",
        "happened": "",
        "clues": "",
        "callback_when": "",
        "raw_text": "",
        "upper_answer": "",
    },
    (Call, "reports__case"): {"recording": "", "note": ""},
    (Part, "case"): {"reply": GONE},
    (InboundMail, "case"): {"text": "", "subject": ""},
    (Invitation, "part__case"): {"task": GONE},
    (Callback, "case"): {"reason": GONE},
    (Delegation, "part__case"): {"note": GONE},
    (TalkLine, "part__case"): {"text": GONE},
    (Statement, "case"): {"words": GONE, "place": "", "present": "", "measured": ""},
    (Whistle, "case"): {"place": ""},
    (MeetingItem, "case"): {"analysis": ""},
    (MeetingTask, "item__case"): {"what": GONE, "who": GONE},
    (Document, "case"): {"party_a": GONE, "party_b": GONE, "agreement": GONE, "signed": GONE},
    (WhistleCall, "whistle__case"): {"person": GONE},
}


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
    before = ended_before(at)
    with transaction.atomic():
        cases = list(due(at).select_for_update(skip_locked=True, of=("self",)).select_related("category")[:BATCH])
        keys = [case.pk for case in cases]
        reports = Report.objects.filter(case__in=keys)
        people = set(reports.exclude(person=None).values_list("person_id", flat=True)) | _only_called(before)
        diverted = _forget_diversions(before)
        if not (cases or people or diverted):
            return None
        for case in cases:
            said = case.category.name if case.category else GONE
            Case.objects.filter(pk=case.pk).update(text=said, anonymised_at=at)
            Report.objects.filter(case=case.pk).update(text=said, why={}, given_point=None)
        for (model, to_case), fields in WORDS.items():
            for name, left in fields.items():
                model._default_manager.filter(**{f"{to_case}__in": keys}).exclude(**{name: ""}).update(**{name: left})
        remarks = Remark.objects.filter(step__case__in=keys, anonymised_at=None).update(
            text="", salt="", anonymised_at=at
        )
        return Anonymisation.objects.create(
            at=at,
            by=by,
            ended_before=before,
            years=profile().retention.years,
            cases=len(keys),
            reports=reports.count(),
            remarks=remarks,
            persons=_forget(people, at),
            # last: should this be rolled back, the same cases are due again and their originals have to go anyway
            photos=_drop_originals(keys),
        )


def _only_called(before: datetime) -> set[int]:
    """People who called long ago and of whose calls no report was made: they were put through to somebody else."""
    since = Call.objects.filter(person=OuterRef("pk"), started_at__gte=before)
    old = Person.objects.filter(anonymised_at=None, reports=None, calls__started_at__lt=before).filter(~Exists(since))
    return set(old.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _forget_diversions(before: datetime) -> int:
    """What was said in calls of which nothing came, from one shift to the next, in stray mail; who asked on air."""
    asked = LiveQuestion.objects.filter(asked_at__lt=before).exclude(asker="", phone="").update(asker="", phone="")
    mails = InboundMail.objects.filter(case=None, received_at__lt=before).exclude(text="", subject="")
    asked += mails.update(text="", subject="")
    silent = Call.objects.filter(started_at__lt=before, reports=None).exclude(recording="", note="")
    asked += silent.update(recording="", note="")
    gone = asked + Diversion.objects.filter(diverted_at__lt=before).exclude(words="").update(words="")
    return gone + Handover.objects.filter(written_at__lt=before).exclude(words="").update(words="")


def _forget(people: set[int], at: datetime) -> int:
    """Names and numbers of those who have no case left that still knows them, and who have not called since."""
    living = Report.objects.filter(person=OuterRef("pk")).exclude(case__anonymised_at__isnull=False)
    calls = Call.objects.filter(person=OuterRef("pk"), started_at__gte=ended_before(at))
    gone = Person.objects.filter(pk__in=people, anonymised_at=None).filter(~Exists(living), ~Exists(calls))
    return gone.update(name="", phone="", company="", credit_code="", callback_phone="", anonymised_at=at)


def _drop_originals(keys: list[int]) -> int:
    """Original files that only belong to such cases; public copies of photos have neither EXIF nor size.

    A paper has names on it: its public copy goes too, where it was sent as a picture.
    """
    others = Attachment.objects.filter(evidence=OuterRef("pk")).filter(case__anonymised_at=None)
    papers = Document.objects.filter(evidence=OuterRef("pk")).filter(case__anonymised_at=None)
    theirs = Q(attachments__case__in=keys) | Q(documents__case__in=keys)
    mine = Evidence.objects.filter(theirs).filter(~Exists(others), ~Exists(papers)).distinct()
    for sha256 in mine.filter(documents__case__in=keys).values_list("sha256", flat=True):
        public_path(sha256).unlink(missing_ok=True)
    count = 0
    for sha256 in mine.values_list("sha256", flat=True):
        path = original_path(sha256)
        count += path.exists()
        path.unlink(missing_ok=True)
    return count


def forget_households(at: datetime) -> int:
    """Who moved away so long ago; what was written about visits and care goes with them, dates and counts stay."""
    before = timezone.localtime(ended_before(at)).date()
    gone = Household.objects.filter(left_on__lt=before).exclude(head=GONE)
    keys = list(gone.values_list("pk", flat=True)[:BATCH])
    with transaction.atomic():
        HouseholdVisit.objects.filter(household__in=keys).update(words="")
        HouseholdCare.objects.filter(household__in=keys).update(note="")
        # the number keeps apart what the constraint keeps apart
        return Household.objects.filter(pk__in=keys).update(head=GONE, phone="", note="", address=GONE)


def forget_mail_photos(at: datetime) -> int:
    """Pictures of messages that nobody has used: the file goes where nothing else has it."""
    old = InboundMail.objects.filter(received_at__lt=ended_before(at)).exclude(photos=None)
    theirs = Evidence.objects.filter(mails__in=old, attachments=None, documents=None).distinct()
    newer = InboundMail.objects.filter(photos=OuterRef("pk"), received_at__gte=ended_before(at))
    count = 0
    for sha256 in theirs.filter(~Exists(newer)).values_list("sha256", flat=True):
        for path in (original_path(sha256), public_path(sha256)):
            count += path.exists()
            path.unlink(missing_ok=True)
    for mail in old[:BATCH]:
        mail.photos.clear()
    return count


def forget_rows(at: datetime) -> int:
    """What rejected rows of order files said, after the same years: file, row and reason stay."""
    old = OrderRow.objects.filter(file__uploaded_at__lt=ended_before(at)).exclude(values={}, corrected={})
    return old.update(values={}, corrected={})


def anonymise_due() -> str:
    """The worker's daily task: what is due, for so many seconds; the rest is a task of its own, behind the others."""
    at, cases, until = timezone.now(), 0, time.monotonic() + SLICE_SECONDS
    forget_rows(at)
    forget_households(at)
    forget_mail_photos(at)
    while row := anonymise(at):
        cases += row.cases
        if time.monotonic() > until:
            async_task("dispatch.retention.anonymise_due")
            break
    return f"{cases} cases"
