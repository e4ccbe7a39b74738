import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gridmap", "0006_components"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LayoutStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[("check", "检查"), ("activate", "启用"), ("retire", "停用"), ("reopen", "退回草稿")],
                        max_length=10,
                        verbose_name="动作",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("facts", models.JSONField(blank=True, default=dict, verbose_name="说明")),
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
                    "layout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="gridmap.layout"
                    ),
                ),
            ],
            options={
                "verbose_name": "网格版本记录",
                "verbose_name_plural": "网格版本记录",
                "ordering": ["layout", "at", "pk"],
            },
        ),
    ]
