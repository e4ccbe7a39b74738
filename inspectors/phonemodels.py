"""What a phone has sent: operations with their receipts, and photos on their way."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Operation(models.Model):
    """操作: what a phone has sent, done once; the same UUID with the same content is answered the same again."""

    uuid = models.UUIDField(primary_key=True)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="operations", verbose_name=_("监督员"))
    kind = models.CharField(_("类型"), max_length=20)
    # the key of the thing that it is about, as the phone named it
    about = models.CharField(_("对象"), max_length=40, blank=True)
    # of everything that was sent, the age left out: it grows with every try
    digest = models.CharField(max_length=64)
    # what the phone's clock said; only a statement, nothing is judged by it
    phone_said = models.DateTimeField(_("手机时间"), null=True, blank=True)
    # counted back from our clock
    made_at = models.DateTimeField(_("操作时间"))
    received_at = models.DateTimeField(_("收到时间"))
    answer = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("手机操作")
        verbose_name_plural = _("手机操作")
        indexes = [models.Index(name="operation_by_time", fields=["by", "received_at"])]
        constraints = [
            models.CheckConstraint(name="operation_made_before", condition=Q(made_at__lte=F("received_at"))),
            models.CheckConstraint(name="operation_has_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class Upload(models.Model):
    """上传: a photo on its way from one phone; the bytes are in a file until an operation takes them."""

    by = models.ForeignKey("people.User", models.CASCADE, related_name="uploads", verbose_name=_("监督员"))
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField(_("字节数"))
    begun_at = models.DateTimeField(_("开始时间"))
    touched_at = models.DateTimeField(_("最近上传"), db_index=True)
    # all bytes are there, their digest is right, and they are a photo
    whole = models.BooleanField(_("完整"), default=False)

    class Meta:
        verbose_name = _("上传中的照片")
        verbose_name_plural = _("上传中的照片")
        constraints = [
            models.UniqueConstraint(name="upload_once", fields=["by", "sha256"]),
            models.CheckConstraint(name="upload_has_digest", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(name="upload_has_size", condition=Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
