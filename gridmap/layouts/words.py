"""Names of the defects of a layout, and what to do about each."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DefectWords(NamedTuple):
    """The name of a kind of defect and what it means."""

    name: str | Promise
    meaning: str | Promise


KINDS: dict[str, DefectWords] = {
    "invalid": DefectWords(_("图形无效"), _("边线自相交或不闭合")),
    "code_twice": DefectWords(_("编码重复"), _("两个网格用了同一个编码")),
    "code_reused": DefectWords(_("编码被重用"), _("别的版本里这个编码是另一块地")),
    "prefix": DefectWords(_("编码与社区不符"), _("编码不以所属社区的编码开头")),
    "numbering": DefectWords(_("编号不合规则"), _("社区编码之后应为规定位数的顺序号")),
    "no_community": DefectWords(_("没有所属社区"), _("所属社区不在行政区域中")),
    "outside": DefectWords(_("超出社区"), _("网格有一部分在所属社区之外")),
    "overlap": DefectWords(_("重叠"), _("两个网格占了同一块地")),
    "gap": DefectWords(_("空隙"), _("社区里有一块地不属于任何网格")),
    "edges": DefectWords(_("边线不一致"), _("相邻网格的边没有共用全部顶点")),
    "area": DefectWords(_("面积偏离"), _("面积不在目标面积的±40%之内")),
    "order": DefectWords(_("编号次序"), _("没有按从西到东、从北到南编号")),
    "component_none": DefectWords(_("部件无网格"), _("部件不在任何网格内")),
    "component_split": DefectWords(_("部件被切开"), _("面状部件跨了几个网格")),
}


def kind_words(kind: str) -> DefectWords:
    """Words of a kind; one that is new here is shown by its code."""
    return KINDS.get(kind, DefectWords(kind, ""))
