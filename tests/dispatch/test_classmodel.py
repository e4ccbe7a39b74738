"""A learned class model: what it says, what it names as its reason, and which files it refuses."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from dispatch.classmodel import (
    CARD,
    VOCABULARY,
    WEIGHTS,
    ClassModel,
    ClassModelError,
    Sample,
    digest,
    pieces,
    read_model,
)
from dispatch.classtraining import Fitted, TooLittleError, part_of, split, temperature, train, write_model

AT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
SAID = {
    "甲|event|01": ("半夜施工噪音很大", "楼下唱歌太吵睡不着", "机器噪音吵得很"),
    "甲|event|02": ("路灯不亮", "路灯坏了一片漆黑", "灯杆上的灯整夜不亮"),
    "甲|component|03": ("下水道堵了污水横流", "污水管堵塞", "地漏往外冒污水"),
}


def history(each: int = 100) -> list[Sample]:
    return [
        Sample(f"{road}路{n}号{said[n % 3]}", f"{road}路{n}号", name)
        for name, said in SAID.items()
        for n, road in zip(range(each), "东西南北中" * each, strict=False)
    ]


@pytest.fixture(scope="module")
def trained() -> ClassModel:
    return train(history(), AT)


@pytest.fixture(scope="module")
def folder(trained: ClassModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(trained, tmp_path_factory.mktemp("models"))


def test_the_class_that_history_gave_comes_first_with_its_probability(folder: Path) -> None:
    first, second, third = read_model(folder).guesses("西仓路8号门口路灯不亮了")
    assert first.name == "甲|event|02"
    assert first.probability > 0.8 > second.probability >= third.probability > 0
    assert first.probability + second.probability + third.probability == pytest.approx(1.0, abs=1e-4)


def test_the_words_that_decided_stand_in_the_text_as_it_was_written(folder: Path) -> None:
    words = read_model(folder).guesses("西倉路８號門口路燈不亮")[0].words
    assert any("路燈" in word or "不亮" in word for word in words)
    assert all(word in "西倉路８號門口路燈不亮" for word in words)


def test_another_decisive_word_is_another_class_and_another_reason(folder: Path) -> None:
    first = read_model(folder).guesses("西仓路8号门口污水横流")[0]
    assert first.name == "甲|component|03"
    assert any("污水" in word for word in first.words)


def test_a_text_without_a_known_piece_gets_no_class(folder: Path) -> None:
    assert read_model(folder).guesses("zzz") == []
    assert read_model(folder).guesses("") == []


def test_what_numpy_says_is_what_the_regression_said(trained: ClassModel) -> None:
    samples = history()
    fitted = Fitted(samples)
    scores = fitted.scores(samples[:30]) / trained.card.temperature
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = raised / raised.sum(axis=1, keepdims=True)
    for sample, row in zip(samples[:30], shares, strict=True):
        said = {guess.name: guess.probability for guess in trained.guesses(sample.text)}
        assert [said[name] for name in fitted.classes] == pytest.approx(row.tolist(), abs=1e-4)


def test_numbers_of_telephones_are_not_learned() -> None:
    assert not any("390" in piece for piece in pieces("请回电13900000001"))
    assert "128" in pieces("永大路128号")


def test_no_address_is_on_two_sides() -> None:
    learn, tune, test = ({part_of(s) for s in side} for side in split(history()))
    assert not learn & tune | learn & test | tune & test
    assert learn
    assert test


def test_one_spelling_of_an_address_is_one_address() -> None:
    assert part_of(Sample("吵", "永大路二段128之1號", "x")) == part_of(Sample("不亮", "永大路2段128-1号", "y"))


def test_the_card_says_what_was_learned_and_how_well_it_held(trained: ClassModel) -> None:
    card = trained.card
    assert (card.reports, card.editions, card.counts) == (300, ("甲",), (100, 100, 100))
    assert card.measured.top1 > 0.95 > card.measured.majority1
    assert sum(row.reports for row in card.measured.reliability) == card.measured.reports


def test_a_class_with_too_few_reports_is_left_out_and_named() -> None:
    assert train([*history(), *history(3)[:3], Sample("x", "y", "甲|event|09")], AT).card.left_out == {"甲|event|09": 1}


def test_too_little_history_is_refused_with_its_numbers() -> None:
    with pytest.raises(TooLittleError, match="30 reports in 3 classes"):
        train(history(10), AT)
    with pytest.raises(TooLittleError, match="one address"):
        train([Sample(s.text, "一个地方", s.name) for s in history()], AT)


def test_two_classes_are_enough() -> None:
    model = train([s for s in history() if "component" not in s.name], AT)
    assert model.guesses("路灯不亮")[0].name == "甲|event|02"


def test_overconfident_scores_get_a_temperature() -> None:
    chance = np.random.default_rng(1)
    columns = chance.integers(0, 2, 2000)
    right = chance.random(2000) < 0.7
    scores = np.where((np.arange(2)[None, :] == columns[:, None]) == right[:, None], 5.0, 0.0).astype(np.float32)
    assert temperature(scores, columns) > 2.0


def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / folder.name))


def test_a_changed_file_is_refused(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path)
    (broken / WEIGHTS).write_bytes((broken / WEIGHTS).read_bytes()[:-2] + b"xx")
    with pytest.raises(ClassModelError, match=r"weights\.npy"):
        read_model(broken)


def test_a_pickle_is_never_opened(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path)
    np.save(broken / WEIGHTS, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    card = json.loads((broken / CARD).read_text(encoding="utf-8"))
    card["digests"][WEIGHTS] = digest(broken / WEIGHTS)
    (broken / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ClassModelError):
        read_model(broken)


def test_files_that_do_not_fit_each_other_are_refused(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path)
    (broken / VOCABULARY).write_text('{"路": 0}', encoding="utf-8")
    card = json.loads((broken / CARD).read_text(encoding="utf-8"))
    card["digests"][VOCABULARY] = digest(broken / VOCABULARY)
    (broken / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ClassModelError, match="fit"):
        read_model(broken)


def test_another_format_or_no_card_is_refused(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path)
    card = json.loads((broken / CARD).read_text(encoding="utf-8")) | {"format": 99}
    (broken / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ClassModelError, match="format 99"):
        read_model(broken)
    with pytest.raises(ClassModelError, match="nowhere"):
        read_model(tmp_path / "nowhere")


def test_a_version_is_written_whole_and_once(trained: ClassModel, folder: Path) -> None:
    with pytest.raises(FileExistsError):
        write_model(trained, folder.parent)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
