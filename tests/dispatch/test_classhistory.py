"""The class model of a city: learned from what people confirmed, offered beside the dictionary, never chosen."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dispatch.actions import filing
from dispatch.classhistory import class_name, learned, newest, samples
from dispatch.classmodel import WEIGHTS, ClassModel, Sample
from dispatch.classtraining import train, write_model
from dispatch.explain import class_sentences, learned_fault, remembered, stored_class
from dispatch.intake import analyse
from dispatch.models import Case, Report
from gridmap.models import Dictionary
from tests.dispatch.test_classmodel import history
from tests.town import NOW, Town

DAY = NOW.date()
TEXT = "西仓路8号门前臭水直冒"  # no word of the dictionary


COVER, FEE = "测试城市管理字典|component|01-01", "测试诉求字典|matter|01-01"
NAMES = {"甲|event|01": FEE, "甲|event|02": FEE, "甲|component|03": COVER}


def said() -> list[Sample]:
    """Made-up history of the town's two classes."""
    return [Sample(s.text.replace("污水", "臭水"), s.address, NAMES[s.name]) for s in history()]


@pytest.fixture(scope="module")
def model() -> ClassModel:
    return train(said(), NOW)


@pytest.fixture
def taught(town: Town, settings: Any, model: ClassModel) -> Path:
    """The town with that model in force."""
    assert {COVER, FEE} == {class_name(c.dictionary.edition, c.kind, c.code) for c in (town.cover, town.fee)}
    return write_model(model, Path(settings.CLASS_MODEL_DIR))


def test_without_a_model_nothing_is_said_and_nothing_is_asked(town: Town, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert (learned(TEXT, DAY).classes, learned(TEXT, DAY).fault) == ((), "")


def test_history_offers_but_never_chooses(town: Town, taught: Path) -> None:
    found = analyse(TEXT, at=NOW)
    assert found.category is None
    assert found.learned.classes[0].category == town.cover
    assert found.learned.classes[0].percent > 60
    assert "臭水" in found.learned.classes[0].words


def test_the_words_of_the_dictionary_come_first(town: Town, taught: Path) -> None:
    assert analyse("西仓路8号上水井盖丢失，晚上很吵，路灯不亮", at=NOW).category == town.cover


def test_what_a_person_took_from_history_is_remembered_as_that(town: Town, taught: Path) -> None:
    found = analyse(TEXT, at=NOW, category=town.cover)
    why = remembered(found, by_hand=False, class_by_hand=True)["class"]
    assert (why[0]["code"], why[0]["model"]) == ("learned", found.learned.version)
    assert "臭水" not in str(why)
    assert f"{found.learned.classes[0].percent}%" in stored_class({"class": why})[0]
    assert f"{found.learned.classes[0].percent}%" in class_sentences(found, by_hand=True)[0]


def test_a_model_of_another_edition_says_nothing_and_says_why(town: Town, taught: Path) -> None:
    Dictionary.objects.filter(pk=town.cover.dictionary_id).update(valid_to=DAY - timedelta(days=1))
    found = learned(TEXT, DAY)
    assert (found.classes, found.fault) == ((), "editions")
    assert "重新训练" in learned_fault(found)


def test_a_damaged_model_says_nothing_and_says_why(taught: Path) -> None:
    (taught / WEIGHTS).write_bytes(b"")
    assert learned(TEXT, DAY).fault == "damaged"


def test_the_newest_model_is_in_force_and_the_one_before_comes_back(taught: Path) -> None:
    newer = taught.rename(taught.with_name("20270101T000000"))
    assert newest() == newer
    (taught.parent / "20280101T000000").mkdir()  # without a card: never a model
    assert newest() == newer


def test_only_classes_that_a_person_confirmed_are_learned_from(town: Town) -> None:
    town.report("只是登记，还没有人看过")
    filed = town.to_state("to_dispatch", town.report("井盖没有了"))
    mapped = town.report("来源系统已归类")
    Report.objects.filter(case=mapped).update(why={"class": [{"code": "mapped", "words": "井盖"}]})
    assert sorted(s.text for s in samples()) == ["井盖没有了", "来源系统已归类"]
    edition = town.cover.dictionary.edition
    assert {s.name for s in samples()} == {class_name(edition, town.cover.kind, town.cover.code)}
    assert Case.objects.get(pk=filed.pk).filed_at


def test_a_merged_report_teaches_the_class_of_the_case_that_it_went_to(town: Town) -> None:
    case, other = town.report("井盖没有了"), town.report("地上一个大洞", category=town.fee, condition=None)
    filing.merge(other, town.doing(other, "operator"), into=case)
    town.to_state("to_dispatch", Case.objects.get(pk=case.pk))
    assert sorted(s.text for s in samples()) == ["井盖没有了", "地上一个大洞"]
    assert len({s.name for s in samples()}) == 1


def test_the_command_refuses_too_little_with_its_numbers(town: Town) -> None:
    with pytest.raises(CommandError, match="it takes 200 reports in 2 classes"):
        call_command("train_classes", stdout=StringIO())


def test_the_command_trains_says_how_well_and_puts_in_force(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.management.commands.train_classes.samples", lambda: iter(said()))
    out = StringIO()
    call_command("train_classes", "--dry-run", stdout=out)
    assert "at other addresses: first 100.0%" in out.getvalue()
    assert newest() is None
    call_command("train_classes", stdout=out)
    assert learned("臭水横流", DAY).classes[0].category == town.cover
