"""Registers the SRID of a city that has only a PROJ string, before any table uses it."""

from django.conf import settings
from django.db import migrations


def register(apps, schema_editor):
    if settings.CITY.proj:
        schema_editor.execute(
            "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, proj4text) VALUES (%s, 'city', %s, %s)"
            " ON CONFLICT (srid) DO NOTHING",
            [settings.CITY.srid, settings.CITY.srid, settings.CITY.proj],
        )


def unregister(apps, schema_editor):
    if settings.CITY.proj:
        schema_editor.execute("DELETE FROM spatial_ref_sys WHERE srid = %s", [settings.CITY.srid])


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(register, unregister)]
