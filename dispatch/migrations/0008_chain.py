"""Room for the chain of a log, for seals, verifications and anonymisation; the rows are chained next."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0007_petitions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Anonymisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, verbose_name="时间")),
                ("by", models.CharField(blank=True, max_length=150, verbose_name="执行")),
                ("ended_before", models.DateTimeField(verbose_name="办结早于")),
                ("years", models.IntegerField(verbose_name="保存年限")),
                ("cases", models.IntegerField(default=0, verbose_name="案件")),
                ("reports", models.IntegerField(default=0, verbose_name="诉求")),
                ("remarks", models.IntegerField(default=0, verbose_name="说明")),
                ("persons", models.IntegerField(default=0, verbose_name="诉求人")),
                ("photos", models.IntegerField(default=0, verbose_name="原始照片")),
            ],
            options={
                "verbose_name": "匿名化记录",
                "verbose_name_plural": "匿名化记录",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="日期")),
                ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
                ("file", models.CharField(max_length=40, verbose_name="文件")),
                ("sha256", models.CharField(max_length=64, verbose_name="文件摘要")),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("heads", models.IntegerField(verbose_name="封存案件")),
                ("cases", models.BigIntegerField(verbose_name="案件总数")),
                ("steps", models.BigIntegerField(verbose_name="记录总数")),
                ("signed", models.BooleanField(default=False, verbose_name="有签名")),
            ],
            options={
                "verbose_name": "封存",
                "verbose_name_plural": "封存",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(db_index=True, verbose_name="开始时间")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                ("number", models.CharField(blank=True, max_length=30, verbose_name="案件编号")),
                ("position", models.JSONField(blank=True, default=dict)),
                ("cases", models.BigIntegerField(default=0, verbose_name="案件")),
                ("steps", models.BigIntegerField(default=0, verbose_name="记录")),
                ("heads", models.BigIntegerField(default=0, verbose_name="封存的摘要")),
                ("seals", models.IntegerField(default=0, verbose_name="封存文件")),
                ("findings", models.JSONField(blank=True, default=list)),
                ("found", models.IntegerField(default=0, verbose_name="发现")),
            ],
            options={
                "verbose_name": "核验",
                "verbose_name_plural": "核验",
                "ordering": ["-started_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="anonymised_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="head",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="remark",
            name="anonymised_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="remark",
            name="salt",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="step",
            name="digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="step",
            name="words",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="remark",
            name="text",
            field=models.TextField(blank=True, verbose_name="说明"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("anonymised_at", None)), fields=["state_since"], name="case_to_anonymise"
            ),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None), ("number", "")),
                fields=("number",),
                name="one_verification_at_a_time",
            ),
        ),
    ]
