"""Versions of what the map draws: a row for every statement that changes it."""

from django.db import migrations, models

TABLES = {
    "gridmap_area": "areas",
    "gridmap_cell": "cells",
    "gridmap_layout": "cells",
    "gridmap_place": "places",
    "gridmap_component": "components",
}
FUNCTION = """
    CREATE FUNCTION note_layer_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO gridmap_layerchange (layer) VALUES (TG_ARGV[0]); RETURN NULL; END $$;
"""


def trigger(table, layer):
    return (
        f"CREATE TRIGGER note_layer_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION note_layer_change('{layer}')"
    )


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0007_layout_steps")]
    operations = [
        migrations.CreateModel(
            name="LayerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("layer", models.CharField(max_length=20)),
                ("count", models.BigIntegerField(db_default=1, default=1)),
            ],
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION note_layer_change()"),
        *[
            migrations.RunSQL(trigger(table, layer), f"DROP TRIGGER note_layer_change ON {table}")
            for table, layer in TABLES.items()
        ],
    ]
