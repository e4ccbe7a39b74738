from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gridmap", "0008_layer_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="place",
            name="parent_key",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="place",
            name="branch",
            field=models.IntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(
            r"""
            UPDATE gridmap_place
            SET parent_key = found.parts[1], branch = found.parts[2]::integer
            FROM (
                SELECT id, regexp_match(road_key, '^(.+?)(\d{1,4})(?:-\d+)?[巷弄]$') AS parts FROM gridmap_place
            ) AS found
            WHERE found.id = gridmap_place.id AND found.parts IS NOT NULL
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(fields=["parent_key", "branch"], name="place_branch"),
        ),
    ]
