"""Which profile is in force, since when, and who chose it."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class ProfileChoice(models.Model):
    """One choice of a profile; the newest one is in force, before the first one the city file's."""

    append_only = True

    name = models.CharField(_("方案"), max_length=60)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("选用人")
    )
    chosen_at = models.DateTimeField(_("选用时间"))
    reason = models.CharField(_("理由"), max_length=300)
    # of all settings as they were then: the file may have been edited since
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("方案选用")
        verbose_name_plural = _("方案选用")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.chosen_at:%F %H:%M}"
