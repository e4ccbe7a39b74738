import django.contrib.gis.db.models.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gridmap", "0005_layout_edits"),
        ("people", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ComponentChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("published", "导入发布"),
                            ("verified", "现场核实"),
                            ("checked", "现场核查"),
                            ("closed", "结案认定"),
                            ("by_hand", "人工变更"),
                        ],
                        max_length=10,
                        verbose_name="原因",
                    ),
                ),
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("intact", "完好"),
                            ("damaged", "破损"),
                            ("missing", "丢失"),
                            ("moved", "移位"),
                            ("abandoned", "废弃"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("intact", "完好"),
                            ("damaged", "破损"),
                            ("missing", "丢失"),
                            ("moved", "移位"),
                            ("abandoned", "废弃"),
                        ],
                        max_length=10,
                    ),
                ),
                ("moved_m", models.FloatField(blank=True, null=True, verbose_name="移动（米）")),
                (
                    "geom_before",
                    django.contrib.gis.db.models.fields.GeometryField(
                        blank=True, null=True, spatial_index=False, srid=settings.CITY.srid
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                ("reference", models.CharField(blank=True, max_length=60, verbose_name="依据")),
            ],
            options={
                "verbose_name": "部件变更",
                "verbose_name_plural": "部件变更",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="component",
            name="draft",
            field=models.BooleanField(db_default=False, default=False, verbose_name="草稿"),
        ),
        migrations.AddField(
            model_name="component",
            name="source_id",
            field=models.CharField(blank=True, db_default="", max_length=60, verbose_name="来源编号"),
        ),
        migrations.AlterField(
            model_name="component",
            name="accuracy_grade",
            field=models.CharField(
                blank=True,
                choices=[("A", "A（±0.5 米）"), ("B", "B（±1.0 米）"), ("C", "C（±10 米）")],
                max_length=1,
                verbose_name="精度等级",
            ),
        ),
        migrations.AlterField(
            model_name="component",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="components",
                to="gridmap.category",
                verbose_name="类别",
            ),
        ),
        migrations.AlterField(
            model_name="component",
            name="code",
            field=models.CharField(db_index=True, max_length=24, verbose_name="编码"),
        ),
        migrations.CreateModel(
            name="ComponentBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件")),
                ("file", models.FileField(blank=True, upload_to="components/", verbose_name="原始文件")),
                ("datum", models.CharField(max_length=60, verbose_name="坐标基准")),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="数据来源")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("checked", "待接收"),
                            ("draft", "草稿"),
                            ("published", "已发布"),
                            ("discarded", "已放弃"),
                        ],
                        default="checked",
                        max_length=10,
                        verbose_name="阶段",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="接收时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="发布时间")),
                ("rows_read", models.IntegerField(default=0, verbose_name="读入")),
                ("rows_new", models.IntegerField(default=0, verbose_name="新增")),
                ("rows_changed", models.IntegerField(default=0, verbose_name="更新")),
                ("rows_same", models.IntegerField(default=0, verbose_name="无变化")),
                ("rows_rejected", models.IntegerField(default=0, verbose_name="拒绝")),
                ("report", models.JSONField(blank=True, default=dict, verbose_name="报告")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "部件导入批次",
                "verbose_name_plural": "部件导入批次",
                "ordering": ["-uploaded_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="component",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="components",
                to="gridmap.componentbatch",
                verbose_name="导入批次",
            ),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.UniqueConstraint(fields=("code", "draft"), name="component_code_once"),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_id", ""), _negated=True),
                fields=("source", "source_id", "draft"),
                name="component_source_id_once",
            ),
        ),
        migrations.AddField(
            model_name="componentchange",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="gridmap.componentbatch",
            ),
        ),
        migrations.AddField(
            model_name="componentchange",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="componentchange",
            name="component",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="gridmap.component"
            ),
        ),
        migrations.AddConstraint(
            model_name="componentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["checked", "discarded"]), ("accepted_at__isnull", False), _connector="OR"
                ),
                name="batch_accepted_before_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="componentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rows_read",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("rows_new"), "+", models.F("rows_changed")
                                ),
                                "+",
                                models.F("rows_same"),
                            ),
                            "+",
                            models.F("rows_rejected"),
                        ),
                    )
                ),
                name="batch_rows_add_up",
            ),
        ),
        migrations.AddIndex(
            model_name="componentchange",
            index=models.Index(fields=["component", "-at"], name="change_of_component"),
        ),
    ]
