"""Who answers, and why: each test changes one input and sees agency and reason change."""

from dispatch.routing import Question, RuleFact, propose

OWNER = RuleFact(1, "R001", None, "", by_owner=True, agency_id=None, fallback=False)
CLASS = RuleFact(2, "R010", 11, "", by_owner=False, agency_id=100, fallback=False)
MAJOR = RuleFact(3, "R020", 10, "", by_owner=False, agency_id=200, fallback=False)
CLASS_HERE = RuleFact(4, "R030", 11, "3212", by_owner=False, agency_id=300, fallback=False)
FALLBACK = RuleFact(5, "R900", None, "", by_owner=False, agency_id=900, fallback=True)
RULES = [FALLBACK, MAJOR, CLASS, CLASS_HERE, OWNER]


def ask(**changes: object) -> tuple[int | None, str]:
    question = Question(**({"category_id": 11, "major_id": 10, "area_code": "4500"} | changes))  # type: ignore[arg-type]
    found = propose(RULES, question)
    return (found.agency_id, str(found.why[0]["code"])) if found else (None, "")


def test_the_owner_of_the_component_comes_first() -> None:
    assert ask(owner_id=77) == (77, "owner")


def test_without_an_owner_the_class_decides() -> None:
    assert ask() == (100, "class")


def test_a_rule_for_the_area_beats_one_for_everywhere() -> None:
    assert ask(area_code="321201") == (300, "class_area")


def test_another_class_of_the_same_major_follows_the_major() -> None:
    assert ask(category_id=12) == (200, "major")


def test_what_no_rule_names_falls_back() -> None:
    assert ask(category_id=99, major_id=98) == (900, "fallback")


def test_the_accused_unit_is_never_proposed() -> None:
    assert ask(accused_id=100) == (200, "major")


def test_the_losers_are_named() -> None:
    found = propose(RULES, Question(11, 10, "3212"))
    assert found is not None
    assert [why["rule"] for why in found.why] == ["R030", "R010", "R020", "R900"]


def test_no_rule_is_an_answer_too() -> None:
    assert propose([], Question(11, 10, "")) is None


def test_the_order_of_the_rules_does_not_matter() -> None:
    question = Question(11, 10, "3212", owner_id=77)
    assert propose(RULES, question) == propose(list(reversed(RULES)), question)
