"""The four records of a case, attempts at callers, what follows from an answer, 回头看, and the progress page's key."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dispatch.models.report


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0010_chained"),
        ("gridmap", "0011_place_doubles"),
        ("people", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("redo", "重办"),
                            ("extend", "延期重办"),
                            ("move", "移交其他单位重办"),
                            ("discuss", "研判（列入疑难）"),
                            ("nothing", "不再处理"),
                        ],
                        max_length=8,
                        verbose_name="处理方式",
                    ),
                ),
                ("decided_at", models.DateTimeField(verbose_name="决定时间")),
            ],
            options={
                "verbose_name": "不满意处理",
                "verbose_name_plural": "不满意处理",
                "ordering": ["decided_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="LookBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[("visit", "实地查看"), ("phone", "电话")], max_length=8, verbose_name="方式"
                    ),
                ),
                ("looked_at", models.DateTimeField(verbose_name="回头看时间")),
                (
                    "rating",
                    models.CharField(
                        choices=[("good", "好"), ("fair", "一般"), ("poor", "差")], max_length=4, verbose_name="评价"
                    ),
                ),
            ],
            options={
                "verbose_name": "回头看",
                "verbose_name_plural": "回头看",
                "ordering": ["looked_at"],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("investigation", "调查记录"),
                            ("written_reply", "书面答复"),
                            ("platform_reply", "平台答复"),
                            ("explanation", "向诉求人说明"),
                        ],
                        max_length=14,
                        verbose_name="类型",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("public", models.BooleanField(default=False, verbose_name="向诉求人公开")),
                ("words", models.TextField(blank=True, verbose_name="内容")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="地点")),
                ("present", models.CharField(blank=True, max_length=200, verbose_name="在场人员")),
                ("measured", models.CharField(blank=True, max_length=300, verbose_name="测量数据")),
            ],
            options={
                "verbose_name": "办理文书",
                "verbose_name_plural": "办理文书",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="callback",
            name="callback_reached_has_answer",
        ),
        migrations.RemoveConstraint(
            model_name="callback",
            name="callback_dissatisfied_has_reason",
        ),
        migrations.AddField(
            model_name="callback",
            name="advised",
            field=models.CharField(
                blank=True,
                choices=[
                    ("petition", "信访"),
                    ("court", "法院诉讼"),
                    ("arbitration", "仲裁"),
                    ("reconsider", "行政复议"),
                    ("mediation", "人民调解"),
                    ("other", "其他途径"),
                ],
                max_length=12,
                verbose_name="告知的其他途径",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="concludes",
            field=models.BooleanField(default=False, verbose_name="回访结束"),
        ),
        migrations.AddField(
            model_name="callback",
            name="counts",
            field=models.BooleanField(default=False, verbose_name="计入次数"),
        ),
        migrations.AddField(
            model_name="callback",
            name="method",
            field=models.CharField(
                choices=[
                    ("phone", "电话"),
                    ("visit", "上门"),
                    ("message", "短信/微信"),
                    ("letter", "书面"),
                    ("web", "网上评价"),
                ],
                default="phone",
                max_length=8,
                verbose_name="方式",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="undecided",
            field=models.BooleanField(default=False, verbose_name="待处理"),
        ),
        migrations.AddField(
            model_name="contact",
            name="concludes",
            field=models.BooleanField(default=False, verbose_name="联系结束"),
        ),
        migrations.AddField(
            model_name="contact",
            name="counts",
            field=models.BooleanField(default=False, verbose_name="计入次数"),
        ),
        migrations.AddField(
            model_name="contact",
            name="report",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="dispatch.report",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="callback_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="待回访起始"),
        ),
        migrations.AddField(
            model_name="report",
            name="query_key",
            field=models.CharField(
                db_default=dispatch.models.report.NewKey(), editable=False, max_length=24, unique=True
            ),
        ),
        migrations.AlterField(
            model_name="callback",
            name="staff",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="callback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="dispatch.callback"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="dispatch.step"
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="look_backs", to="dispatch.case"
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="step",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="look_back", to="dispatch.step"
            ),
        ),
        migrations.AddField(
            model_name="statement",
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
            model_name="statement",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="statements", to="dispatch.case"
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="part",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statements",
                to="dispatch.part",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="report",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statements",
                to="dispatch.report",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="statements", to="dispatch.step"
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "investigation"),
                    models.Q(("measured", ""), ("place", ""), ("present", "")),
                    _connector="OR",
                ),
                name="statement_only_investigation_has_site",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(fields=("step", "kind"), name="statement_kind_once_a_step"),
        ),
    ]
