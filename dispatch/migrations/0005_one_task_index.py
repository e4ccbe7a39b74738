"""Nobody asks for finished tasks by place: the general spatial index is only a temptation for the planner."""

import django.contrib.gis.db.models.fields
from django.conf import settings
from django.db import migrations

NAME = "dispatch_fieldtask_point_a76fefdb_id"


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0004_nearest_task")]
    operations = [
        migrations.RunSQL(
            f"DROP INDEX IF EXISTS {NAME}",
            f"CREATE INDEX IF NOT EXISTS {NAME} ON dispatch_fieldtask USING gist (point)",
            # Django does not drop a spatial index by itself
            state_operations=[
                migrations.AlterField(
                    "fieldtask",
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        srid=settings.CITY.srid, spatial_index=False, verbose_name="位置"
                    ),
                )
            ],
        ),
    ]
