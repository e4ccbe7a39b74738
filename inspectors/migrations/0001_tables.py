import django.contrib.gis.db.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gridmap", "0002_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=settings.CITY.srid, verbose_name="位置")),
                ("accuracy_m", models.FloatField(verbose_name="定位精度（米）")),
                ("seen_at", models.DateTimeField(verbose_name="定位时间")),
            ],
            options={
                "verbose_name": "位置",
                "verbose_name_plural": "位置",
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="开始时间")),
                ("ends_at", models.DateTimeField(verbose_name="结束时间")),
            ],
            options={
                "verbose_name": "班次",
                "verbose_name_plural": "班次",
                "ordering": ["starts_at"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=settings.CITY.srid, verbose_name="位置")),
                ("accuracy_m", models.FloatField(verbose_name="定位精度（米）")),
                ("arrived_at", models.DateTimeField(verbose_name="到场时间")),
                ("distance_m", models.FloatField(verbose_name="距离（米）")),
                ("far", models.BooleanField(default=False, verbose_name="距离过远")),
                ("far_reason", models.CharField(blank=True, max_length=200, verbose_name="远距原因")),
            ],
            options={
                "verbose_name": "到场",
                "verbose_name_plural": "到场",
            },
        ),
        migrations.CreateModel(
            name="DutyZone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                ("communities", models.ManyToManyField(related_name="+", to="gridmap.area", verbose_name="社区")),
            ],
            options={
                "verbose_name": "责任网格",
                "verbose_name_plural": "责任网格",
                "ordering": ["name"],
            },
        ),
    ]
