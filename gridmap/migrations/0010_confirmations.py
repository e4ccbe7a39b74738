import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gridmap", "0009_place_branch"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(db_index=True, max_length=200)),
                ("address", models.CharField(max_length=300, verbose_name="地址")),
                ("area", models.CharField(blank=True, max_length=60, verbose_name="区域")),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=settings.CITY.srid, verbose_name="点位")),
                ("accuracy_m", models.FloatField(default=10, verbose_name="精度（米）")),
                (
                    "how",
                    models.CharField(
                        choices=[("operator", "受理员定位"), ("inspector", "监督员现场定位"), ("sender", "来件坐标")],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("reference", models.CharField(max_length=60, verbose_name="案件")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
                ("revoked_why", models.CharField(blank=True, max_length=200, verbose_name="撤销原因")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="confirmations",
                        to="gridmap.place",
                        verbose_name="地名",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "位置确认",
                "verbose_name_plural": "位置确认",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["-at", "-id"], name="confirmation_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("how", "reference"), name="confirmation_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_at", None), models.Q(("revoked_why", ""), _negated=True), _connector="OR"
                        ),
                        name="revoked_with_reason",
                    ),
                ],
            },
        ),
    ]
