"""How many things a report speaks of."""

import pytest

from dispatch.quantities import how_many


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("西仓路银春旅馆前有两个上水井盖丢失", 2),
        ("路边 3 盏路灯不亮", 3),
        ("西仓路12号门前十二块地砖破损", 12),
        ("墙上贴了10张小广告", 10),
        ("井盖丢失", None),
        ("两个月没有人来修", None),
        ("五个人在第3个路口，等了三个小时", None),
        ("两个月前有一个井盖丢失", 1),
        ("13900000001 第2块井盖", None),
    ],
)
def test_things_are_counted_and_time_and_people_are_not(text: str, number: int | None) -> None:
    assert how_many(text) == number
