"""How often what the map draws has changed: the version of a layer, for caches."""

from datetime import date

from django.db import connection, models

MANY = 500  # rows after which the reader sums them up


class LayerChangeQuerySet(models.QuerySet["LayerChange"]):
    def versions(self, on: date) -> dict[str, int]:
        """The version of each table that is drawn, and as "layout" the layout of cells in force on a day; one query.

        The version is a sum over rows that triggers insert, not a counter that they update: two writers never wait
        for each other, and a version changes in the very moment in which the change becomes visible.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT layer, sum(count), count(*) FROM gridmap_layerchange GROUP BY layer UNION ALL"
                " SELECT 'layout', max(id), 0 FROM gridmap_layout WHERE state IN ('active', 'retired')"
                " AND active_from <= %(on)s AND (active_to IS NULL OR active_to >= %(on)s)",
                {"on": on},
            )
            rows = cursor.fetchall()
        if sum(count for _, _, count in rows) > MANY:
            self.sum_up()
        return {layer: int(total or 0) for layer, total, _ in rows}

    def sum_up(self) -> None:
        """Make one row of many; the sums stay the same for every reader at every moment."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH gone AS (DELETE FROM gridmap_layerchange WHERE id IN"
                " (SELECT id FROM gridmap_layerchange FOR UPDATE SKIP LOCKED) RETURNING layer, count)"
                " INSERT INTO gridmap_layerchange (layer, count) SELECT layer, sum(count) FROM gone GROUP BY layer"
            )


class LayerChange(models.Model):
    """One statement that changed a table of the map; written by triggers, whoever changes it and however."""

    layer = models.CharField(max_length=20)
    count = models.BigIntegerField(default=1, db_default=1)

    objects = LayerChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.layer} {self.count}"
