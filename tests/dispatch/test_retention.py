"""Personal data goes after its years; what happened stays, and the log still verifies."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from dispatch import retention, sealing, verifying
from dispatch.actions import closing
from dispatch.evidence import original_path, public_path, store
from dispatch.masks import mask_text
from dispatch.models import (
    Anonymisation,
    Call,
    Case,
    Diversion,
    Household,
    HouseholdVisit,
    InboundMail,
    Person,
    Remark,
    Report,
    Statement,
)
from dispatch.retention import WORDS, anonymise, due
from tests.scorecards.play import call
from tests.town import NOW, Town, jpeg

YEARS = timedelta(days=5 * 366)


def findings() -> Any:
    check = verifying.begin(NOW)
    verifying.run(check)
    return check.findings


def test_after_its_years_a_case_knows_nobody_and_its_log_verifies(town: Town) -> None:
    case = town.to_state("closed", town.report("王女士 13900000001：井盖丢失", address="西仓路9号"))
    call(town, case, "dissatisfied")
    sealing.seal(NOW)
    row = anonymise(NOW + YEARS, by="root")
    assert row is not None
    assert (row.cases, row.reports, row.persons, row.by) == (1, 1, 1, "root")
    case = Case.objects.get(pk=case.pk)
    report = Report.objects.get(case=case)
    assert (case.text, case.address, report.text, report.address) == ("上水井盖", "", "上水井盖", "")
    assert (Person.objects.get().name, Person.objects.get().phone) == ("", "")
    assert set(Remark.objects.values_list("text", "salt")) == {("", "")}
    assert case.callbacks.get().reason == "（已匿名）"
    assert findings() == []


def test_what_was_recorded_beside_the_report_goes_too(town: Town) -> None:
    case = town.to_state("closed", town.report("13900000001 旧冰箱", clues="找李四", unit_involved="银春旅馆"))
    Report.objects.update(raw_text="13900000001旧冰箱", happened="昨晚")
    Person.objects.update(company="银春旅馆")
    step = case.steps.latest("version")
    Statement.objects.create(
        case=case, step=step, kind="investigation", at=NOW, place="店内", present="李四", measured="3米"
    )
    Statement.objects.create(case=case, step=step, kind="explanation", at=NOW, words="已向王女士说明")
    anonymise(NOW + YEARS)
    assert set(Report.objects.values_list("raw_text", "clues", "unit_involved", "happened")) == {("", "", "", "")}
    assert set(Statement.objects.values_list("place", "present", "measured")) == {("", "", "")}
    assert Statement.objects.get(kind="explanation").words == "（已匿名）"
    assert Person.objects.get().company == ""


def test_a_call_that_was_put_through_is_forgotten_too_unless_the_person_called_again(town: Town) -> None:
    again = NOW + timedelta(days=3 * 366)
    for name, when in (("甲", NOW), ("乙", NOW), ("乙", again)):
        person, _made = Person.objects.get_or_create(name=name)
        call = Call.objects.create(channel=town.channel, person=person, started_at=when)
        Diversion.objects.create(
            call=call,
            service="120",
            words="有人晕倒",
            operator=town.people["operator"],
            diverted_at=when,
            operation=uuid4(),
        )
    row = anonymise(NOW + YEARS)
    assert row is not None
    assert row.persons == 1
    assert sorted(Person.objects.values_list("name", flat=True)) == ["", "乙"]
    assert sorted(Diversion.objects.values_list("words", flat=True)) == ["", "", "有人晕倒"]
    assert anonymise(NOW + YEARS) is None


def test_words_after_a_case_was_taken_up_again_have_years_of_their_own(town: Town) -> None:
    case = town.to_state("closed")
    anonymise(NOW + YEARS)
    case = Case.objects.get(pk=case.pk)
    closing.redo(case, town.doing(case, "shift_lead", NOW + YEARS, "王女士又来电"))
    assert not due(NOW + YEARS + YEARS).exists()  # open
    Case.objects.filter(pk=case.pk).update(state="void", state_since=NOW + YEARS)
    assert due(NOW + YEARS + YEARS).count() == 1


# columns of people's words that stay, each for its reason
STAYS = {
    "Meeting.chair": "somebody of the house",
    "Meeting.attendees": "people of the house",
    "Document.number": "a number of a paper",
    "Call.external_ref": "a number of another system",
    "Report.external_ref": "a number of another system",
    "FieldTask.why": "codes of rules",
    "Step.facts": "ids, codes and measures",
    "Event.payload": "the case's number and states",
    "Part.why": "codes of rules",
    "TextMessage.words": "number, class and limit of a case",
    "TextMessage.error": "what a gateway answered",
    "InboundMail.message_id": "an id",
    "InboundMail.sender": "the mailbox of a unit",
    "InboundMail.note": "why the house did not use it",
    "LiveQuestion.asker": "goes by the day of the question",
    "LiveQuestion.text": "was said on air",
    "LiveQuestion.answer": "was said on air",
    "LiveSession.title": "the name of a programme",
    "LiveSession.host": "somebody on air",
    "LiveGuest.duty": "an office",
    "Household.address": "goes years after they left",
    "Household.head": "goes years after they left",
    "Household.note": "goes years after they left",
    "HouseholdVisit.words": "goes with the household",
    "HouseholdCare.note": "goes with the household",
    "Remark.text": "goes with its salt, in a statement of its own",
    "Person.company": "goes with the person",
    "Person.name": "goes with the person",
    "Diversion.words": "goes by the day of the call",
    "Handover.words": "goes by the day of the handover",
    "Handover.open_items": "numbers of cases",
    "OrderRow.values": "goes by the day of the upload",
    "OrderRow.corrected": "goes by the day of the upload",
    "OrderRow.notes": "fields and codes",
    "Report.upper_body": "the name of an authority",
    "Case.text": "becomes the name of the class",
    "Report.text": "becomes the name of the class",
    "Report.why": "is emptied",
}
# how the city works, in words of its staff: rules, articles, channels, and the log about the log
NOT_OF_PEOPLE = {
    "Anonymisation", "Article", "Calendar", "CalendarDay", "CalendarEdit", "Channel", "Clock", "Condition", "Cursor",
    "Evidence", "MailboxRead", "OrderFile", "ProfileChoice", "RoutingRule", "Seal", "Surge", "Undertaking",
    "UndertakingEntry", "UpperChange", "Verification",
}  # fmt: skip


def wordy(field: Any) -> bool:
    """Whether a column could hold what somebody said."""
    if isinstance(field, models.TextField | models.JSONField):
        return True
    return isinstance(field, models.CharField) and not field.choices and (field.max_length or 0) >= 40


def test_no_column_with_words_of_people_is_forgotten() -> None:
    """A new column fails here until somebody has said what becomes of it."""
    goes = {f"{model.__name__}.{name}" for (model, _case), fields in WORDS.items() for name in fields}
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("dispatch").get_models()
        if model.__name__ not in NOT_OF_PEOPLE
        for field in model._meta.concrete_fields
        if wordy(field)
    }
    codes = {"Case.head", "Step.digest", "Step.words", "Invitation.token_hash"}
    assert found - goes - set(STAYS) - codes == set()


def test_the_task_stops_after_a_while_and_goes_on_as_a_task_of_its_own(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("dispatch.retention.async_task", told.append)
    monkeypatch.setattr("dispatch.retention.SLICE_SECONDS", -1.0)
    monkeypatch.setattr("dispatch.retention.BATCH", 1)
    monkeypatch.setattr("dispatch.retention.ended_before", lambda at: at)
    for _number in range(2):
        town.to_state("closed")
    assert retention.anonymise_due() == "1 cases"
    assert told == ["dispatch.retention.anonymise_due"]
    assert retention.anonymise_due() == "1 cases"
    assert retention.anonymise_due() == "0 cases"


def test_the_day_before_nothing_is_due_and_twice_does_it_once(town: Town) -> None:
    case = town.to_state("closed")
    ended = Case.objects.get(pk=case.pk).state_since
    exactly = ended.replace(year=ended.year + 5)
    assert not due(exactly).exists()
    later = exactly + timedelta(seconds=1)
    assert anonymise(later) is not None
    assert anonymise(later) is None
    assert Anonymisation.objects.count() == 1


def test_open_cases_and_people_with_a_newer_case_stay(town: Town) -> None:
    town.to_state("closed")
    town.report(when=NOW + timedelta(days=1))
    anonymise(NOW + YEARS)
    assert Person.objects.get().name == "王女士"


def test_originals_of_photos_go_and_public_copies_stay(town: Town) -> None:
    case = town.to_state("closed")
    digests = list(case.attachments.values_list("evidence__sha256", flat=True))
    assert all(original_path(sha256).exists() for sha256 in digests)
    row = anonymise(NOW + YEARS)
    assert row is not None
    assert row.photos == len(digests)
    assert not any(original_path(sha256).exists() for sha256 in digests)
    assert all(public_path(sha256).exists() for sha256 in digests)


def test_a_dry_run_changes_nothing(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.to_state("closed")
    call_command("anonymise", dry_run=True)
    assert "0 件案件" in capsys.readouterr().out
    assert not Anonymisation.objects.exists()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("请打13912345678找王女士", "请打139****5678找王女士"),
        ("电话 139 1234 5678", "电话 139****5678"),
        ("固话0523-8812319", "固话052****2319"),
        ("身份证32010119900101123X", "身份证320****123X"),
        ("西仓路88号3幢1201室", "西仓路88号3幢1201室"),
        ("见案件20261111-000202", "见案件20261111-000202"),
        ("每月150.5元，2026年11月", "每月150.5元，2026年11月"),
    ],
)
def test_numbers_of_people_in_free_words_lose_their_middle(said: str, shown: str) -> None:
    assert mask_text(said) == shown


def test_the_names_of_callers_go_from_words_too() -> None:
    assert mask_text("王女士说，李四不在", ["王女士", "李"]) == "王**说，李四不在"


def test_a_household_is_forgotten_years_after_it_moved_away(town: Town) -> None:
    gone = Household.objects.create(agency=town.water, address="3号楼101", head="赵奶奶", phone="1", left_on=NOW.date())
    HouseholdVisit.objects.create(
        household=gone, on=NOW.date(), words="赵奶奶在家", by=town.people["handler"], at=NOW, operation=uuid4()
    )
    assert retention.forget_households(NOW + timedelta(days=300)) == 0
    assert retention.forget_households(NOW + YEARS) == 1
    gone.refresh_from_db()
    assert (gone.head, gone.address, gone.phone, gone.visits.get().words) == ("（已匿名）", "（已匿名）", "", "")
    assert retention.forget_households(NOW + YEARS) == 0


def test_pictures_of_mail_that_nobody_used_go_and_those_of_a_case_stay(town: Town) -> None:
    case = town.to_state("closed")
    used, unused = case.attachments.order_by("pk")[0].evidence, store(jpeg("orange"), at=NOW)
    mail = InboundMail.objects.create(message_id="<1>", sender="v", received_at=NOW, fetched_at=NOW)
    mail.photos.set([used, unused])
    assert retention.forget_mail_photos(NOW + timedelta(days=300)) == 0
    assert retention.forget_mail_photos(NOW + YEARS) == 2
    assert original_path(used.sha256).exists()
    assert not original_path(unused.sha256).exists()
    assert not public_path(unused.sha256).exists()
    assert not mail.photos.exists()
