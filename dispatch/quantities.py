"""How many things a report speaks of: 两个上水井盖 are two (P5.7). Pure."""

import re
from typing import Final

from gridmap.normalise import numeral

# what is counted with these is a thing in the street; 两个月, 三个小时, 五个人 are none
_COUNTED: Final = re.compile(
    r"(?<![第\d])(\d{1,3}|[一二两三四五六七八九十]{1,3})\s*[个只块盏根处张辆棵座扇条堆面株套组](?!月|多月|小时|星期|礼拜|人|居民|业主|单元|社区|工作日)"
)


def how_many(text: str) -> int | None:
    """The first number of things in a text, or None where it counts none; a thing that is not counted is not one."""
    for found in _COUNTED.finditer(text):
        number = int(found[1]) if found[1].isdigit() else numeral(found[1])
        if number:
            return number
    return None
