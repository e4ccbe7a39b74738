import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gridmap", "0004_city_mark"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LayoutCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="版本号")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="缺陷数")),
                ("failing", models.PositiveIntegerField(default=0, verbose_name="必须处理的缺陷数")),
                ("defects", models.JSONField(blank=True, default=list, verbose_name="缺陷")),
            ],
            options={
                "verbose_name": "网格检查",
                "verbose_name_plural": "网格检查",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="LayoutEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="版本号")),
                (
                    "operation",
                    models.CharField(
                        choices=[
                            ("copy", "复制为新草稿"),
                            ("split", "拆分"),
                            ("merge", "合并"),
                            ("move", "移动边界"),
                            ("mend", "修补"),
                            ("undo", "撤销"),
                        ],
                        max_length=10,
                        verbose_name="操作",
                    ),
                ),
                ("why", models.CharField(max_length=200, verbose_name="原因")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("before", models.JSONField(blank=True, default=list)),
                ("after", models.JSONField(blank=True, default=list)),
            ],
            options={
                "verbose_name": "网格编辑记录",
                "verbose_name_plural": "网格编辑记录",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="layout",
            name="based_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="drafts",
                to="gridmap.layout",
            ),
        ),
        migrations.AddField(
            model_name="layout",
            name="version",
            field=models.PositiveIntegerField(default=0, verbose_name="版本号"),
        ),
        migrations.AlterField(
            model_name="cell",
            name="code",
            field=models.CharField(db_index=True, max_length=20, verbose_name="编码"),
        ),
        migrations.AddConstraint(
            model_name="cell",
            constraint=models.UniqueConstraint(fields=("layout", "code"), name="cell_code_once_a_layout"),
        ),
        migrations.AddField(
            model_name="layoutcheck",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="layoutcheck",
            name="layout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="gridmap.layout"
            ),
        ),
        migrations.AddField(
            model_name="layoutedit",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="layoutedit",
            name="community",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="gridmap.area"
            ),
        ),
        migrations.AddField(
            model_name="layoutedit",
            name="layout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="edits", to="gridmap.layout"
            ),
        ),
        migrations.AddField(
            model_name="layoutedit",
            name="undoes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="gridmap.layoutedit",
            ),
        ),
        migrations.AddConstraint(
            model_name="layoutedit",
            constraint=models.UniqueConstraint(fields=("layout", "version"), name="one_edit_a_version"),
        ),
        migrations.AddConstraint(
            model_name="layoutedit",
            constraint=models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="edit_says_why"),
        ),
        migrations.AddConstraint(
            model_name="layoutedit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("operation", "undo"), ("undoes__isnull", False)),
                    models.Q(("operation", "undo"), _negated=True),
                    _connector="OR",
                ),
                name="undo_says_what",
            ),
        ),
    ]
