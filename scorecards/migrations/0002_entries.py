import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0002_links"),
        ("scorecards", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "figures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), size=None, verbose_name="计入指标"
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="dispatch.callback"
                    ),
                ),
                (
                    "clock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="dispatch.clock"
                    ),
                ),
                (
                    "scorecard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="scorecards.scorecard"
                    ),
                ),
            ],
            options={
                "verbose_name": "计入明细",
                "verbose_name_plural": "计入明细",
                "ordering": ["scorecard", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scorecard", "clock", "callback"), name="entry_once", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
