"""Which column of a file means what: by the words of its head, or as it was for the last file of the channel. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridmap.normalise import key


class Field(NamedTuple):
    """Something that a file can say of an order: how long it may be, and the words by which heads tell it."""

    label: str | Promise
    most: int
    heads: str


# in the order in which heads are given to them: the narrower word before the wider one
FIELDS: Final[dict[str, Field]] = {
    "ref": Field(_("编号"), 60, "工单编号 诉求编号 案件编号 上级编号 交办编号 编号 单号 工单号 id"),
    "upper_due": Field(_("上级时限"), 60, "上级时限 办理时限 办结时限 截止时间 办理期限 截止日期 时限 deadline"),
    "upper_body": Field(_("交办单位"), 60, "交办单位 转办单位 派单单位 来文单位"),
    "received": Field(
        _("来电时间"), 60, "受理时间 来电时间 登记时间 诉求时间 提交时间 接收时间 受理日期 来信日期 时间 日期"
    ),
    "happened": Field(_("发生时间"), 60, "发生时间 事发时间 事件时间"),
    "callback_phone": Field(_("回访电话"), 30, "回访电话 备用电话"),
    "phone": Field(_("电话"), 30, "联系电话 来电号码 手机号 手机 电话 联系方式 phone"),
    "company": Field(_("企业名称"), 80, "企业名称 公司名称 单位名称 企业"),
    "unit_involved": Field(_("涉及单位"), 80, "涉及单位 被反映单位 被投诉单位 反映单位"),
    "name": Field(_("姓名"), 40, "诉求人姓名 来电人 诉求人 反映人 联系人 姓名 name"),
    "anonymous": Field(_("匿名"), 10, "是否匿名 匿名"),
    "wants_callback": Field(_("需要回访"), 10, "是否回访 需要回访 要求回访 是否需要回访"),
    "type": Field(_("诉求类型"), 20, "诉求类型 诉求类别 信件类型 业务类型 工单类型 类型"),
    "category": Field(_("类别"), 60, "问题小类 小类 事项类别 问题类别 类别 分类"),
    "address": Field(_("地址"), 300, "事发地址 事件地址 诉求地址 问题地址 详细地址 地址 地点 位置 address"),
    "title": Field(_("标题"), 200, "诉求标题 工单标题 标题 主题 title"),
    "clues": Field(_("其他线索"), 500, "其他线索 线索 备注"),
    "text": Field(_("诉求内容"), 20_000, "诉求内容 工单内容 反映内容 问题描述 来信内容 来电内容 内容 描述 正文 text"),
}
NEEDED: Final = ("text", "title", "address")  # without any of them there is nothing to read


_WORDS: Final = frozenset(key(word) for known in FIELDS.values() for word in known.heads.split())


def names_field(head: str) -> bool:
    """Whether a cell reads like the head of a column that is known."""
    said = key(head)
    return said in _WORDS or any(len(word) > 1 and said.endswith(word) for word in _WORDS)


def guess(heads: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """Head of each field: as it was for this channel, then the head that is its word, then one that ends with it."""
    taken = {field: head for field, head in remembered.items() if field in FIELDS and head in heads}
    keys = {head: key(head) for head in heads}
    for whole in (True, False):
        for field, known in FIELDS.items():
            if field in taken:
                continue
            for word in known.heads.split():
                head = _head(key(word), keys, set(taken.values()), whole)
                if head:
                    taken[field] = head
                    break
    return taken


def _head(word: str, keys: Mapping[str, str], used: set[str], whole: bool) -> str:
    for head, said in keys.items():
        # a short word inside a long head says little: 内容 in 内容编码
        if head not in used and (said == word if whole else len(word) > 1 and said.endswith(word)):
            return head
    return ""
