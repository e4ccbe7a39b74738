import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import people.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gridmap", "0002_tables"),
        ("people", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="component",
            name="competent_agency",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.agency",
                verbose_name="主管部门",
            ),
        ),
        migrations.AddField(
            model_name="component",
            name="maintaining_agency",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.agency",
                verbose_name="养护单位",
            ),
        ),
        migrations.AddField(
            model_name="component",
            name="owning_agency",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.agency",
                verbose_name="权属单位",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="dictionary",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="categories", to="gridmap.dictionary"
            ),
        ),
        migrations.AddConstraint(
            model_name="layout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "active"), _negated=True), ("active_from__isnull", False), _connector="OR"
                ),
                name="layout_active_has_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="layout",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["active", "retired"])),
                expressions=[(people.models.DateRange(models.F("active_from"), models.F("active_to")), "&&")],
                name="one_active_layout_a_day",
            ),
        ),
        migrations.AddField(
            model_name="cell",
            name="layout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="gridmap.layout"
            ),
        ),
        migrations.AddIndex(
            model_name="place",
            index=django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="place_keys"),
        ),
        migrations.AddIndex(
            model_name="place",
            index=django.contrib.postgres.indexes.GinIndex(fields=["bigrams"], name="place_bigrams"),
        ),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(fields=["road_key", "number"], name="place_road_number"),
        ),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(fields=["kind"], name="place_kind"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(fields=("dictionary", "kind", "code"), name="category_code_once"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code__regex", "^\\d\\d$"), ("major", None)),
                    models.Q(("code__regex", "^\\d\\d-\\d\\d$"), ("major__isnull", False)),
                    _connector="OR",
                ),
                name="minor_code_has_major",
            ),
        ),
        migrations.AddConstraint(
            model_name="cell",
            constraint=models.CheckConstraint(condition=models.Q(("area_m2__gt", 0)), name="cell_has_area"),
        ),
    ]
