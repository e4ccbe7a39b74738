"""The database remembers the city that it was made for."""

from django.conf import settings
from django.db import migrations


def mark(apps, schema_editor):
    apps.get_model("gridmap", "CityMark").objects.get_or_create(
        only=True, defaults={"key": settings.CITY.key, "srid": settings.CITY.srid, "zone": settings.CITY.zone.key}
    )


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0003_links")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
