"""证据: photos and documents, named by their content, the original apart from the public copy."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class Evidence(models.Model):
    """One stored file. `sha256` is of the original; the public copy has no EXIF and a size for the web."""

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=60)
    size = models.IntegerField()
    width = models.IntegerField(null=True, blank=True)
    height = models.IntegerField(null=True, blank=True)
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = _("证据文件")
        verbose_name_plural = _("证据文件")

    def __str__(self) -> str:
        return self.sha256[:12]


class Attachment(models.Model):
    """Evidence as part of a step: where it was taken, how exactly, and by whom it came."""

    class Phase(models.TextChoices):
        REPORTED = "reported", _("上报")
        BEFORE = "before", _("处置前")
        AFTER = "after", _("处置后")
        CHECKED = "checked", _("核查")
        SURVEYED = "surveyed", _("勘查")
        FORM = "form", _("盖章表单")
        INQUIRY = "inquiry", _("调查")
        LATER = "later", _("回头看")
        SIGNED = "signed", _("签名")

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="attachments")
    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="attachments")
    step = models.ForeignKey("dispatch.Step", models.PROTECT, related_name="attachments")
    phase = models.CharField(_("阶段"), max_length=8, choices=Phase.choices)
    point = models.PointField(_("拍摄位置"), srid=settings.CITY.srid, null=True, blank=True)
    accuracy_m = models.FloatField(_("定位精度（米）"), null=True, blank=True)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("证据")
        verbose_name_plural = _("证据")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.phase}"
