"""疑难会商: the weekly meeting on hard cases, what was decided, and who does what by when (P4.3)."""

from datetime import date
from typing import Self

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from people.models import User


class Meeting(models.Model):
    """One meeting; one a day."""

    held_on = models.DateField(_("会议日期"), unique=True)
    chair = models.CharField(_("主持人"), max_length=40)
    attendees = models.CharField(_("参会人员"), max_length=300)
    made_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("疑难会商")
        verbose_name_plural = _("疑难会商")
        ordering = ["-held_on"]

    def __str__(self) -> str:
        return f"{self.held_on:%Y-%m-%d}"


class MeetingItem(models.Model):
    """A case on the agenda: its analysis, and the decision, which is the words of its step."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="meeting_items")
    analysis = models.TextField(_("分析"), blank=True)
    step = models.OneToOneField("dispatch.Step", models.PROTECT, null=True, blank=True, related_name="meeting_item")

    class Meta:
        verbose_name = _("议题")
        verbose_name_plural = _("议题")
        ordering = ["meeting", "pk"]
        constraints = [models.UniqueConstraint(name="case_once_on_agenda", fields=["meeting", "case"])]

    def __str__(self) -> str:
        return f"{self.meeting_id}/{self.case_id}"


class MeetingTaskQuerySet(models.QuerySet["MeetingTask"]):
    def before(self, day: date) -> Self:
        """What earlier meetings left to do: the follow-up of the next one."""
        return self.filter(done_on=None, item__meeting__held_on__lt=day)

    def visible_to(self, user: User) -> Self:
        """Tasks of cases that the user may see."""
        from dispatch.models.case import Case

        return self.filter(item__case__in=Case.objects.visible_to(user).values("pk"))


class MeetingTask(models.Model):
    """Who does what by when, and when it was done."""

    item = models.ForeignKey(MeetingItem, models.PROTECT, related_name="tasks")
    what = models.CharField(_("做什么"), max_length=200)
    who = models.CharField(_("责任人"), max_length=60)
    due_on = models.DateField(_("完成期限"))
    done_on = models.DateField(_("完成日期"), null=True, blank=True)

    objects = MeetingTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("会议任务")
        verbose_name_plural = _("会议任务")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(name="meeting_task_open", fields=["due_on"], condition=models.Q(done_on=None))]

    def __str__(self) -> str:
        return f"{self.item_id} {self.what}"
