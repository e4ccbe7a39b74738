"""What the five places hear most often finds its class in the dictionaries that are shipped, in callers' words."""

import pytest

from dispatch.intake import analyse
from fixtures.dictionaries import load_dictionary
from tests.town import NOW


@pytest.fixture
def dictionaries(db: None) -> None:
    load_dictionary("urban")
    load_dictionary("matters")


def class_of(text: str) -> str:
    found = analyse(text, at=NOW).category
    return found.name if found else ""


@pytest.mark.usefixtures("dictionaries")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("小区物业费收得太高", "物业收费"),
        ("小区没地方停车", "小区停车难"),
        ("楼下跳广场舞到十点", "广场舞噪音"),
        ("小区垃圾没人清理", "小区环境卫生"),
        ("有人遛狗不拴绳", "违规养犬"),
        ("物业不作为", "物业服务"),
    ],
)
def test_the_six_sub_types_of_property(text: str, name: str) -> None:
    assert class_of(text) == name


@pytest.mark.usefixtures("dictionaries")
@pytest.mark.parametrize(
    "text",
    ["办证需要什么材料", "工地扬尘太大", "店外经营占用人行道", "楼下跳广场舞太吵", "小区停水两天了"],
)
def test_the_five_fields_of_a_street(text: str) -> None:
    """政策咨询, 治污减霾, 市容环境, 噪音扰民, 公共服务."""
    assert class_of(text)


@pytest.mark.usefixtures("dictionaries")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("物业不管", "物业服务"),
        ("业委会选举有问题", "业委会选举"),
        ("有人违章搭建", "私搭乱建"),
        ("占道经营", "占道经营"),
        ("污水管道堵塞", "排水管道堵塞"),
    ],
)
def test_the_frequent_classes_of_an_estate_street(text: str, name: str) -> None:
    assert name in class_of(text)
