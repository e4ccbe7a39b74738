"""Whether the database that we are talking to was made for the city of the settings."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper


def refuse_other_city(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Stop at the first connection to a database of another city, SRID or zone; one not yet migrated passes.

    Metres of one reference system in a database of another would be wrong everywhere and nowhere visibly.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('gridmap_citymark')")
        if cursor.fetchone()[0] is None:
            return
        cursor.execute("SELECT key, srid, zone FROM gridmap_citymark")
        row = cursor.fetchone()
    city = settings.CITY
    if row is not None and row != (city.key, city.srid, city.zone.key):
        raise ImproperlyConfigured(
            f"The database '{connection.settings_dict['NAME']}' was made for city '{row[0]}'"
            f" (SRID {row[1]}, zone {row[2]}), but the settings say '{city.key}'"
            f" (SRID {city.srid}, zone {city.zone.key}):"
            " set GRIDMAP_CITY to that city, or give this city a database of its own in its file"
        )
