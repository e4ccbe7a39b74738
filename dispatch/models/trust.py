"""What is known about the log from outside the log: seals, verifications, and what was anonymised."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """One day's seal file, as it was when it was written; the file itself lies outside the database."""

    append_only = True

    day = models.DateField(_("日期"), unique=True)
    sealed_at = models.DateTimeField(_("封存时间"))
    file = models.CharField(_("文件"), max_length=40)
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    # digest of the seal file before it; empty for the first one
    previous = models.CharField(max_length=64, blank=True)
    heads = models.IntegerField(_("封存案件"))
    cases = models.BigIntegerField(_("案件总数"))
    steps = models.BigIntegerField(_("记录总数"))
    # whether the file carries a signature that needs the key
    signed = models.BooleanField(_("有签名"), default=False)

    class Meta:
        verbose_name = _("封存")
        verbose_name_plural = _("封存")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%F}"


class Verification(models.Model):
    """One check of the log against itself and against the seals; done in slices, so it can go on after a crash."""

    started_at = models.DateTimeField(_("开始时间"), db_index=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    # of one case only; blank: everything
    number = models.CharField(_("案件编号"), max_length=30, blank=True)
    # where the next slice begins
    position = models.JSONField(default=dict, blank=True)
    cases = models.BigIntegerField(_("案件"), default=0)
    steps = models.BigIntegerField(_("记录"), default=0)
    heads = models.BigIntegerField(_("封存的摘要"), default=0)
    seals = models.IntegerField(_("封存文件"), default=0)
    # the first ones; how many there are in all stands beside
    findings = models.JSONField(default=list, blank=True)
    found = models.IntegerField(_("发现"), default=0)

    class Meta:
        verbose_name = _("核验")
        verbose_name_plural = _("核验")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_verification_at_a_time", fields=["number"], condition=Q(done_at=None, number="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%F %H:%M} {self.found}"


class Anonymisation(models.Model):
    """One batch of cases whose personal data has gone: when, by which rule, how much."""

    append_only = True

    at = models.DateTimeField(_("时间"), db_index=True)
    # blank: the daily task; else the system account that ran the command
    by = models.CharField(_("执行"), max_length=150, blank=True)
    # cases that ended before this moment
    ended_before = models.DateTimeField(_("办结早于"))
    years = models.IntegerField(_("保存年限"))
    cases = models.IntegerField(_("案件"), default=0)
    reports = models.IntegerField(_("诉求"), default=0)
    remarks = models.IntegerField(_("说明"), default=0)
    persons = models.IntegerField(_("诉求人"), default=0)
    photos = models.IntegerField(_("原始照片"), default=0)

    class Meta:
        verbose_name = _("匿名化记录")
        verbose_name_plural = _("匿名化记录")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%F %H:%M} {self.cases}"
