from inspectors.presence import judge


def test_within_accuracy_uncertainty_and_fifty_metres_is_near() -> None:
    assert not judge(distance_m=80, accuracy_m=10, uncertainty_m=20).far
    assert judge(distance_m=80.1, accuracy_m=10, uncertainty_m=20).far


def test_a_case_without_known_uncertainty_counts_as_exact() -> None:
    assert not judge(60, accuracy_m=10, uncertainty_m=None).far
    assert judge(61, accuracy_m=10, uncertainty_m=None).far


def test_a_useless_fix_excuses_no_more_than_a_hundred_metres() -> None:
    assert judge(1000, accuracy_m=5000, uncertainty_m=0).far
    assert judge(1000, accuracy_m=5000, uncertainty_m=0).allowed_m == 150


def test_a_vague_place_is_reached_anywhere_in_it() -> None:
    assert not judge(700, accuracy_m=20, uncertainty_m=800).far
