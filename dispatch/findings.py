"""Findings of a verification as sentences in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch.logfaults import Fault
from dispatch.transitions import State

SENTENCES: dict[str, str | Promise] = {
    Fault.CHANGED: _("案件 %(number)s 第 %(version)s 条记录被改动：内容与摘要不符。"),
    Fault.MISSING: _("案件 %(number)s 缺少第 %(version)s 至 %(last)s 条记录。"),
    Fault.INSERTED: _("案件 %(number)s 第 %(version)s 条记录是后来插入的。"),
    Fault.MOVED: _("案件 %(number)s 的记录次序被调换：第 %(version)s 条原为第 %(place)s 条。"),
    Fault.CUT_OFF: _("案件 %(number)s 的记录自第 %(version)s 条起被截去。"),
    Fault.STATE: _(
        "案件 %(number)s 的状态（%(state)s，第 %(stated)s 版）与最后一条记录（%(logged)s，第 %(version)s 版）不符。"
    ),
    Fault.HEAD: _("案件 %(number)s 登记的末条摘要与记录不符。"),
    Fault.WORDS_CHANGED: _("案件 %(number)s 第 %(version)s 条记录的说明文字被改动。"),
    Fault.WORDS_GONE: _("案件 %(number)s 第 %(version)s 条记录的说明文字被删除。"),
    Fault.WORDS_ADDED: _("案件 %(number)s 第 %(version)s 条记录原无说明，文字是后来添加的。"),
    Fault.WORDS_UNLOGGED: _("案件 %(number)s 第 %(version)s 条记录的说明文字被清除，但没有相应的匿名化记录。"),
    Fault.ORPHANS: _("有 %(count)s 条记录不属于任何案件。"),
    Fault.CASE_GONE: _("案件 %(number)s 已封存（%(file)s），现在整件不见了。"),
    Fault.SEAL_BROKEN: _("封存文件 %(file)s 无法读取，或不是封存文件。"),
    Fault.SEAL_CUT: _("封存文件 %(file)s 的行数与其所载不符。"),
    Fault.SEAL_CHANGED: _("封存文件 %(file)s 被改动：摘要与封存时登记的不符。"),
    Fault.SEAL_MISSING: _("封存文件 %(file)s 不见了。"),
    Fault.SEAL_UNKNOWN: _("封存文件 %(file)s 没有登记：登记被删除，或文件是外来的。"),
    Fault.SEAL_CHAIN: _("封存文件 %(file)s 与前一个文件衔接不上：前一个文件被改动、替换或抽走。"),
    Fault.SEAL_UNSIGNED: _("封存文件 %(file)s 应有签名而没有。"),
    Fault.SEAL_FORGED: _("封存文件 %(file)s 的签名不对：不是用本系统的密钥签的，或内容被改动。"),
    Fault.SEAL_COUNT: _("%(what)s总数 %(there)s 少于封存时（%(file)s）的 %(sealed)s。"),
}
SEALED: dict[str, str | Promise] = {
    Fault.CHANGED: _("案件 %(number)s 第 %(version)s 条记录与封存文件 %(file)s 不符：整条链可能被重写。"),
    Fault.CUT_OFF: _("案件 %(number)s 第 %(version)s 条记录已封存（%(file)s），现在不见了。"),
}
WHAT: dict[str, str | Promise] = {"cases": _("案件"), "steps": _("流转记录")}


def sentence(finding: Mapping[str, Any]) -> str:
    """What was found, of which case and at which row; `finding` as logfaults.as_json made it."""
    told = dict(finding)
    fault = str(told["fault"])
    for key in ("state", "logged"):
        if told.get(key) in State.values:
            told[key] = State(told[key]).label
    if "what" in told:
        told["what"] = WHAT[told["what"]]
    sentences = SEALED if "file" in told and fault in SEALED else SENTENCES
    return str(sentences[fault]) % told
