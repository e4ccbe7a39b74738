"""Tighten: what a callback must and must not hold, and the small indexes over what waits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0012_contact_fill")]

    operations = [
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("undecided", True)), fields=["called_at"], name="callback_undecided"
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("concludes", True)), fields=["reached", "called_at"], name="callback_concluded"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("callback_since__isnull", False)), fields=["callback_since"], name="report_to_call"
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("advised", ""), ("reached", False), ("satisfaction", ""), ("solved", None)),
                    models.Q(
                        ("reached", True), ("solved__isnull", False), models.Q(("satisfaction", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="callback_reached_has_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("satisfaction", "dissatisfied"), _negated=True),
                        models.Q(("solved", None), ("solved", True), _connector="OR"),
                    ),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="callback_unhappy_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("reached", False), ("concludes", True), _connector="OR"),
                name="callback_reached_concludes",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "web"), ("staff", None)),
                    models.Q(models.Q(("method", "web"), _negated=True), ("staff__isnull", False)),
                    _connector="OR",
                ),
                name="callback_web_iff_no_staff",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("undecided", False), ("satisfaction", "dissatisfied"), ("solved", False), _connector="OR"
                ),
                name="callback_undecided_is_unhappy",
            ),
        ),
    ]
