"""What a refused change of cells tells the person who tried it."""

from django.utils.translation import gettext as _

from gridmap.layouts.editing import EditError, Reason


def sentence(error: EditError) -> str:
    """One sentence that says what is wrong and what to do, in the reader's language."""
    words = {
        Reason.SHORT_LINE: _("分割线至少要有两个不同的点。"),
        Reason.CROSSED_LINE: _("分割线与自身相交，请重画。"),
        Reason.ENDS_INSIDE: _("分割线的一端停在网格内部，请画到边界或边界之外。"),
        Reason.MISSES: _("分割线没有把网格分成两块，请让它穿过整个网格。"),
        Reason.TOO_MANY: _("这条线会把网格分成%(pieces)s块，请分几次拆分。"),
        Reason.TOO_SMALL: _("得到的网格只有%(m2)s平方米，至少要有%(least)s平方米。"),
        Reason.TOO_NARROW: _("得到的网格平均只有%(width)s米宽，至少要有%(least)s米。"),
        Reason.SPIKE: _("得到的网格有狭长的尖角，请换一个位置。"),
        Reason.ONE_CELL: _("合并请选择两个或更多网格。"),
        Reason.APART: _("所选网格没有共同的边，不能合并。"),
        Reason.BORDER: _("社区的外边界不能移动；边界上的分界点只能沿边界移动。"),
        Reason.NO_CORNER: _("这里没有可以移动的边或顶点。"),
        Reason.UNMOVED: _("位置没有变化。"),
        Reason.LEAVES: _("移动后的边线超出了相邻网格的范围。"),
        Reason.SOUND: _("这个社区的网格没有需要修补的地方。"),
        Reason.UNMENDABLE: _("这个社区的网格不能自动修补，请逐个修改或重新绘制。"),
        Reason.CROSSES: _("移动后的边线互相交叉，网格会重叠。"),
    }
    facts = {name: f"{value:g}" if isinstance(value, float) else value for name, value in error.facts.items()}
    return words[error.reason] % facts
