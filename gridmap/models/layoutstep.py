"""What was done with a layout: checked, activated, retired."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LayoutStep(models.Model):
    """One step in the life of a layout; append-only by database role."""

    append_only = True

    class Action(models.TextChoices):
        CHECK = "check", _("检查")
        ACTIVATE = "activate", _("启用")
        RETIRE = "retire", _("停用")
        REOPEN = "reopen", _("退回草稿")

    layout = models.ForeignKey("gridmap.Layout", models.PROTECT, related_name="steps")
    action = models.CharField(_("动作"), max_length=10, choices=Action.choices)
    # None: at the command line, by whoever may run commands on the server
    by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("时间"))
    # of a check: hash and counts of defects; of the others: the days from which and to which it is in force
    facts = models.JSONField(_("说明"), default=dict, blank=True)

    class Meta:
        verbose_name = _("网格版本记录")
        verbose_name_plural = _("网格版本记录")
        ordering = ["layout", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.layout_id} {self.action}"
