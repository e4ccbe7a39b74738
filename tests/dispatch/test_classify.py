"""Words decide class and condition; other words, another class."""

from dispatch.classify import ClassEntry, ConditionEntry, suggest

MISSING = ConditionEntry(1, 1, ("丢失", "缺失", "没了"))
BROKEN = ConditionEntry(2, 2, ("破损", "裂"))
WATER = ClassEntry(10, "component", "01-01", "上水井盖", ("自来水井盖",), (MISSING, BROKEN))
RAIN = ClassEntry(11, "component", "01-03", "雨水井盖", (), (MISSING, BROKEN))
STALL = ClassEntry(12, "event", "04-06", "占道经营", ("摆摊",), ())
CLOGGED = ClassEntry(
    13, "event", "05-03", "排水管道堵塞", ("下水道堵",), (ConditionEntry(3, 1, ("堵", "冒水")), BROKEN)
)
RUBBISH = ClassEntry(14, "event", "01-10", "暴露生活垃圾", ("垃圾成堆",), (ConditionEntry(4, 1, ()),))


def best(text: str) -> tuple[int, int | None, str, str]:
    found = suggest(text, [STALL, RAIN, WATER, CLOGGED, RUBBISH])[0]
    return found.category_id, found.condition_id, found.class_word, found.condition_word


def test_class_and_condition_come_from_the_words() -> None:
    assert best("西仓路前有两个上水井盖丢失") == (10, 1, "上水井盖", "丢失")


def test_another_condition_word_is_another_condition() -> None:
    assert best("上水井盖裂了") == (10, 2, "上水井盖", "裂")


def test_what_residents_call_it_counts_too() -> None:
    assert best("自来水井盖没了")[:2] == (10, 1)


def test_without_a_condition_word_no_condition_is_guessed() -> None:
    assert best("门口有人摆摊") == (12, None, "摆摊", "")


def test_one_word_can_name_class_and_condition() -> None:
    assert best("楼下下水道堵了") == (13, 3, "下水道堵", "堵")


def test_the_only_condition_of_a_class_needs_no_word() -> None:
    assert best("门口垃圾成堆") == (14, 4, "垃圾成堆", "")


def test_nothing_known_suggests_nothing() -> None:
    assert suggest("天气真好", [STALL, RAIN, WATER, CLOGGED, RUBBISH]) == []
