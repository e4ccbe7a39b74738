"""A profile in words: sections of labelled values, what differs from another one, nothing that reads like a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.clocks import Unit
from dispatch.models import Statement
from dispatch.models.report import RequestType
from dispatch.profile import Chain, Profile
from dispatch.profilebase import Limit, Settings
from dispatch.transitions import Action
from people.permissions import Role

UNSAID = frozenset({"name", "name_en"})
SECTIONS: dict[str, str | Promise] = {
    "": gettext_lazy("办理环节"),
    "clocks": gettext_lazy("怎样计时"),
    "clocks.stages": gettext_lazy("各环节时限"),
    "petitions": gettext_lazy("申请和疑难"),
    "petitions.extension": gettext_lazy("延期"),
    "petitions.suspension": gettext_lazy("挂账"),
    "petitions.renewal": gettext_lazy("续挂"),
    "petitions.back": gettext_lazy("退单"),
    "petitions.void": gettext_lazy("作废"),
    "petitions.contest": gettext_lazy("考核申诉"),
    "petitions.transfer": gettext_lazy("建议移交"),
    "roster": gettext_lazy("排班"),
    "signing": gettext_lazy("签批"),
    "households": gettext_lazy("入户走访"),
    "field": gettext_lazy("现场作业"),
    "on_duty": gettext_lazy("监督员值勤"),
    "patrol": gettext_lazy("监督员巡查"),
    "figures": gettext_lazy("考评口径"),
    "assigning": gettext_lazy("监督员派单"),
    "whistles": gettext_lazy("吹哨报到"),
    "whistles.grid": gettext_lazy("网格吹哨，社区报到"),
    "whistles.community": gettext_lazy("社区吹哨，街道报到"),
    "whistles.street": gettext_lazy("街道吹哨，部门报到"),
    "callbacks": gettext_lazy("回访"),
    "look_backs": gettext_lazy("回头看"),
    "progress": gettext_lazy("公开进度"),
    "public_map": gettext_lazy("公开地图"),
    "script": gettext_lazy("读给诉求人的话"),
    "duties": gettext_lazy("职责分离"),
    "retention": gettext_lazy("个人信息保存"),
    "repeats": gettext_lazy("重复诉求"),
}
# the last part of a setting's address is enough: the section says the rest
LABELS: dict[str, str | Promise] = {
    "channels": gettext_lazy("来源渠道"),
    "off": gettext_lazy("不用的操作"),
    "explain_before": gettext_lazy("先向诉求人说明才能做的操作"),
    "work_day": gettext_lazy("工作日的算法"),
    "pause_while_checking": gettext_lazy("核查期间暂停计时"),
    "same_unit": gettext_lazy("退单后派原单位"),
    "other_unit": gettext_lazy("退单后派其他单位"),
    "warn_share": gettext_lazy("预警：用去时限的"),
    "supervise_overdue": gettext_lazy("超期自动督办"),
    "supervise_after_reworks": gettext_lazy("返工几次自动督办"),
    "before_upper": gettext_lazy("内部时限早于上级时限"),
    "accept": gettext_lazy("受理"),
    "verify": gettext_lazy("核实"),
    "verify_urgent": gettext_lazy("核实（紧急）"),
    "file": gettext_lazy("立案审核"),
    "dispatch": gettext_lazy("派遣"),
    "sign": gettext_lazy("签收"),
    "return_by": gettext_lazy("退单期限"),
    "screen": gettext_lazy("反馈审核"),
    "check": gettext_lazy("核查"),
    "check_urgent": gettext_lazy("核查（紧急）"),
    "close": gettext_lazy("结案"),
    "call_back": gettext_lazy("回访"),
    "simple": gettext_lazy("简单件时限"),
    "complex": gettext_lazy("复杂件时限"),
    "urgent": gettext_lazy("紧急件时限"),
    "papers": gettext_lazy("必须有的记录"),
    "confidential": gettext_lazy("保密"),
    "flow": gettext_lazy("流程"),
    "on": gettext_lazy("启用"),
    "ask": gettext_lazy("谁申请"),
    "decide": gettext_lazy("谁决定"),
    "most": gettext_lazy("最多次数"),
    "form_from": gettext_lazy("从第几次起须有盖章表"),
    "inside_only": gettext_lazy("只能在时限内申请"),
    "complex_only": gettext_lazy("只有复杂件可以申请"),
    "share": gettext_lazy("最长为原时限的"),
    "share_in_total": gettext_lazy("各次合计不超过"),
    "longest_days": gettext_lazy("最长天数"),
    "recheck_before_renewal": gettext_lazy("续挂前到现场复核"),
    "clock": gettext_lazy("等待期间的计时"),
    "hard_after_returns": gettext_lazy("退单几次列入疑难"),
    "form_unless_wrong_dispatch": gettext_lazy("非误派退单须有盖章表"),
    "arrive": gettext_lazy("部门到场（紧急）"),
    "chains": gettext_lazy("签批链"),
    "meeting_weekday": gettext_lazy("疑难会商日"),
    "shifts": gettext_lazy("班次"),
    "operators": gettext_lazy("每班受理员"),
    "dispatchers": gettext_lazy("每班派遣员"),
    "call": gettext_lazy("谁可以吹哨"),
    "look_days": gettext_lazy("几天后再看"),
    "hours": gettext_lazy("工作时段"),
    "workdays": gettext_lazy("每周工作日"),
    "fair_counts": gettext_lazy("基本满意计为满意"),
    "suspended_counts": gettext_lazy("挂账计入应处置数"),
    "void_counts": gettext_lazy("作废计入各项指标"),
    "minimum_sample": gettext_lazy("应处置数不足几件不排名"),
    "weight_volume": gettext_lazy("办理量权重"),
    "weight_closed": gettext_lazy("结案率权重"),
    "weight_on_time": gettext_lazy("按期处置率权重"),
    "weight_rework": gettext_lazy("返工率权重"),
    "texts": gettext_lazy("派遣时短信通知承办单位"),
    "first_receiver": gettext_lazy("首问负责：新单位签收前由原单位负责"),
    "refresh": gettext_lazy("更新住户信息"),
    "visit": gettext_lazy("走访每户"),
    "care_days": gettext_lazy("特殊群体最长几天联系一次"),
    "signature": gettext_lazy("现场签名"),
    "photo_edge": gettext_lazy("照片长边（像素）"),
    "attempts": gettext_lazy("几次未接通算联系不上"),
    "same_day": gettext_lazy("须在同一天"),
    "parts_of_day": gettext_lazy("各时段的开始"),
    "after_days": gettext_lazy("结案多少天后"),
    "within_days": gettext_lazy("结案多少天内"),
    "one_of": gettext_lazy("每多少件抽一件"),
    "agency_names": gettext_lazy("显示承办单位"),
    "web_answer": gettext_lazy("可在网页评价"),
    "closed_days": gettext_lazy("结案后公开几天"),
    "coarse_m": gettext_lazy("位置模糊到（米）"),
    "withheld": gettext_lazy("不公开的类别"),
    "opening": gettext_lazy("开头语"),
    "closing": gettext_lazy("结束语"),
    "apart": gettext_lazy("同一人不能兼做"),
    "ask_apart_from_decide": gettext_lazy("申请和决定分开"),
    "clock_in": gettext_lazy("上岗签到"),
    "early_minutes": gettext_lazy("可提前几分钟签到"),
    "breaks": gettext_lazy("每班休息次数"),
    "break_minutes": gettext_lazy("每班休息合计（分钟）"),
    "track_days": gettext_lazy("轨迹保存天数"),
    "track_every_s": gettext_lazy("轨迹两点至少相隔（秒）"),
    "track_tolerance_m": gettext_lazy("轨迹简化偏差（米）"),
    "seen_within_m": gettext_lazy("多近经过算已巡查（米）"),
    "unseen_days": gettext_lazy("几天未巡提示"),
    "years": gettext_lazy("保存年数"),
    "accept_minutes": gettext_lazy("几分钟未接单改派"),
    "accept_urgent_minutes": gettext_lazy("紧急任务几分钟未接单改派"),
    "moves": gettext_lazy("系统最多改派几次"),
    "zone_minutes": gettext_lazy("外区人员须早到几分钟才派"),
    "near_m": gettext_lazy("查找范围（米）"),
    "days": gettext_lazy("查找天数"),
}
WORDS: dict[str, str | Promise] = {
    "hours": gettext_lazy("按工作时数折算"),
    "next_day": gettext_lazy("次日起算，到末日下班为止"),
    "resume": gettext_lazy("接着计"),
    "restart": gettext_lazy("重新计"),
    "run": gettext_lazy("继续计时"),
    "pause": gettext_lazy("暂停计时"),
    "class": gettext_lazy("随类别"),
    "matter": gettext_lazy("民生诉求流程"),
    "optional": gettext_lazy("不签到也算在岗"),
    "required": gettext_lazy("签到后才算在岗"),
    "contact": gettext_lazy("联系诉求人"),
    "month": gettext_lazy("每月"),
    "quarter": gettext_lazy("每季度"),
    "half_year": gettext_lazy("每半年"),
    "year": gettext_lazy("每年"),
}
SHARES = frozenset({"warn_share", "share"})
NO_NAMES: Mapping[str, str] = MappingProxyType({})
NONE_IS_ANY = frozenset({"most", "channels"})


@dataclass(frozen=True)
class Line:
    """One setting in words, and what it is in the profile that it is compared with: empty where it is the same."""

    label: str
    told: str
    other: str


@dataclass(frozen=True)
class Section:
    """A heading with its settings; those `changed` differ."""

    title: str
    lines: tuple[Line, ...]

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if line.other]


def sections(shown: Profile, against: Profile, names: Mapping[str, str] = NO_NAMES) -> list[Section]:
    """Every setting of a profile under its heading, with what differs from another one; `names` are of channels."""
    theirs = dict(leaves(against))
    found: dict[str, list[Line]] = {}
    for address, value in leaves(shown):
        above, _dot, name = address.rpartition(".")
        told, other = (told_of(name, each, names) for each in (value, theirs[address]))
        found.setdefault(above, []).append(Line(str(LABELS[name]), told, other if value != theirs[address] else ""))
    return [Section(_title(above), tuple(lines)) for above, lines in found.items()]


def differences(shown: Profile, against: Profile) -> int:
    """How many settings differ."""
    theirs = dict(leaves(against))
    return sum(1 for address, value in leaves(shown) if value != theirs[address])


def leaves(part: Settings, above: str = "") -> Iterator[tuple[str, Any]]:
    """Address and value of each setting below a part of a profile; request types count as parts."""
    for name in part.__struct_fields__:
        value, address = getattr(part, name), f"{above}.{name}" if above else name
        if address in UNSAID:
            continue
        if isinstance(value, dict):
            for key, each in value.items():
                yield from leaves(each, f"{address}.{key}")
        elif isinstance(value, Settings) and not isinstance(value, Limit):
            yield from leaves(value, address)
        else:
            yield address, value


def told_of(name: str, value: Any, names: Mapping[str, str] = NO_NAMES) -> str:  # noqa: ANN401 - whatever it holds
    """A value in words."""
    if isinstance(value, Limit):
        return str(Unit(value.unit).told(value.amount))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name in SHARES:
        return f"{round(value * 100)}%"
    if value is None or value == () or (value == 0 and not isinstance(value, str)):
        return _("不限") if name in NONE_IS_ANY else "—"
    if name == "channels":
        return _("、").join(names.get(key, key) for key in value)
    if name == "chains":
        return _("；").join(_chain(chain) for chain in value) or "—"
    if name == "meeting_weekday":
        return str(WEEKDAYS[value])
    if name in ("opening", "closing"):
        return str(value) or _("标准用语")
    if name == "workdays":
        return _("、").join(str(WEEKDAYS[number]) for number, flag in enumerate(value) if flag == "1") or "—"
    if name == "shifts":
        return _("、").join(f"{shift.starts} {shift.name}" for shift in value)
    if name == "decide":
        return " → ".join(_listed(level) for level in value)
    if name == "apart":
        return _("；").join(_listed(pair) for pair in value)
    return _listed(value) if isinstance(value, tuple) else _word(value)


def _chain(chain: Chain) -> str:
    seats = " → ".join(seat.label for seat in chain.seats)
    told = {"name": chain.name, "seats": seats, "action": Action(chain.before).label}
    return _("%(name)s（%(seats)s，在“%(action)s”之前）") % told


def _listed(values: tuple[Any, ...]) -> str:
    return _("、").join(_word(each) for each in values)


def _word(value: Any) -> str:  # noqa: ANN401 - a role, an action, a kind of record, a key word, a number
    if value in WORDS:
        return str(WORDS[value])
    if isinstance(value, Role):
        return str(value.label)
    if value in Action.values:
        return str(Action(value).label)
    if value in Statement.Kind.values:
        return str(Statement.Kind(value).label)
    return str(value)


def _title(above: str) -> str:
    if above.startswith("types."):
        return _("诉求类型：%(type)s") % {"type": RequestType(above.removeprefix("types.")).label}
    return str(SECTIONS[above])
