"""From here on a row without a digest, or anonymised words that still say something, cannot be stored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0009_chain_rows")]

    operations = [
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("anonymised_at", None), models.Q(("salt", ""), _negated=True)),
                    models.Q(("anonymised_at__isnull", False), ("salt", ""), ("text", "")),
                    _connector="OR",
                ),
                name="remark_anonymised_says_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="step_is_chained"
            ),
        ),
    ]
