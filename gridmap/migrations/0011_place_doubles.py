import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gridmap", "0010_confirmations"),
    ]

    operations = [
        migrations.AddField(
            model_name="place",
            name="former_names",
            field=models.JSONField(blank=True, default=dict, verbose_name="曾用名"),
        ),
        migrations.AddField(
            model_name="place",
            name="length_m",
            field=models.FloatField(default=0, verbose_name="长度（米）"),
        ),
        migrations.AddField(
            model_name="place",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="told_again",
                to="gridmap.place",
                verbose_name="同一地点",
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE gridmap_place SET length_m = LEAST(ST_Length(geom), 2 * ST_MaxDistance(point, geom))
            WHERE kind IN ('road', 'lane') AND geom IS NOT NULL AND ST_Dimension(geom) = 1
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                condition=models.Q(("valid_to__isnull", False)), fields=["valid_to"], name="place_closed"
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("same_as", models.F("id")), _negated=True), name="same_as_another"
            ),
        ),
    ]
