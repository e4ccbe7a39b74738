"""流转记录 and the outbox: what happened, told once and never changed."""

from django.contrib.gis.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from dispatch.transitions import Action, State


class CurrentTransaction(Func):
    """The number of the writing transaction."""

    function = "pg_current_xact_id"
    template = "(%(function)s()::text::bigint)"
    output_field = models.BigIntegerField()


class Step(models.Model):
    """One step of a case; append-only by database role; holds no personal data (words are in Remark).

    Rows of a case are chained by `digest` (dispatch/chain.py); `dispatch.lifecycle.link_of` says what it covers.
    """

    append_only = True

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="steps")
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="steps")
    action = models.CharField(_("动作"), max_length=14, choices=Action.choices)
    from_state = models.CharField(max_length=14, choices=State.choices, blank=True)
    to_state = models.CharField(max_length=14, choices=State.choices)
    # version of the case after this step
    version = models.IntegerField()
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    reason_code = models.CharField(max_length=30, blank=True)
    # facts of the step: ids, distances, versions; no words of people
    facts = models.JSONField(default=dict, blank=True)
    # on site, maybe offline
    occurred_at = models.DateTimeField(_("发生时间"))
    # order, freezing and hashing follow this one
    recorded_at = models.DateTimeField(_("记录时间"))
    # doing it twice does it once
    operation = models.UUIDField(unique=True)
    # salted digest of the words in Remark; empty where nothing was said
    words = models.CharField(max_length=64, blank=True, default="")
    # over this row and the digest of the row before it in the same case
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("流转记录")
        verbose_name_plural = _("流转记录")
        ordering = ["case", "version"]
        constraints = [
            models.UniqueConstraint(name="step_version_once", fields=["case", "version"]),
            models.CheckConstraint(name="step_is_chained", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.version} {self.action}"


class Remark(models.Model):
    """The words of a step, apart from the log so that they can be anonymised while the log stays as it is."""

    step = models.OneToOneField(Step, models.PROTECT, related_name="remark")
    text = models.TextField(_("说明"), blank=True)
    # goes with the words: without it their digest in the log says nothing any more
    salt = models.CharField(max_length=32, blank=True, default="")
    anonymised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("说明")
        verbose_name_plural = _("说明")
        constraints = [
            models.CheckConstraint(
                name="remark_anonymised_says_nothing",
                condition=(Q(anonymised_at=None) & ~Q(salt="")) | (Q(anonymised_at__isnull=False, text="", salt="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.step_id}"


class Event(models.Model):
    """Outbox: written in the step's transaction, read by every reader from its own cursor.

    Serial order is not commit order: readers go by (`xid`, `id`) below the oldest running transaction, so that nothing
    which commits late is passed over.
    """

    append_only = True

    kind = models.CharField(max_length=30)
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, related_name="+")
    step = models.ForeignKey(Step, models.PROTECT, null=True, related_name="+")
    payload = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    xid = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        ordering = ["xid", "id"]
        indexes = [models.Index(name="event_order", fields=["xid", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"


class Cursor(models.Model):
    """How far a reader of the outbox has come."""

    reader = models.CharField(max_length=40, primary_key=True)
    xid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.reader
