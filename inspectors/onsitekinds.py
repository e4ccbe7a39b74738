"""接单, 拒接, 到场 by name: the form that each is sent in, and what the inspector is told when it is stored."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from inspectors.forms import AcceptForm, ArriveForm, RefuseForm
from inspectors.models import TaskAct

Kind = TaskAct.Kind
ACT_FORMS: dict[str, type[AcceptForm] | type[ArriveForm]] = {
    Kind.ACCEPT: AcceptForm,
    Kind.REFUSE: RefuseForm,
    Kind.ARRIVE: ArriveForm,
}
ACTED: dict[str, Callable[[], str]] = {
    Kind.ACCEPT: lambda: _("已接单。"),
    Kind.REFUSE: lambda: _("已拒接，任务会派给别人。"),
    Kind.ARRIVE: lambda: _("已记录到场。"),
}
