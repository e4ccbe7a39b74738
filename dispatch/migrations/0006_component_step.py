from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0005_one_task_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="step",
            name="action",
            field=models.CharField(
                choices=[
                    ("register", "受理登记"),
                    ("report_found", "巡查上报"),
                    ("place", "定位"),
                    ("classify", "归类"),
                    ("component", "关联部件"),
                    ("order_verify", "派核实"),
                    ("verify", "核实"),
                    ("submit_review", "提交审核"),
                    ("file", "立案"),
                    ("review", "审核通过"),
                    ("answer", "直接答复"),
                    ("decline", "不予受理"),
                    ("merge", "并案"),
                    ("dispatch", "派遣"),
                    ("sign", "签收"),
                    ("contact", "联系诉求人"),
                    ("handled", "处置反馈"),
                    ("return", "退单"),
                    ("suspend", "挂账"),
                    ("resume", "恢复"),
                    ("accept_reply", "反馈通过"),
                    ("reject_reply", "反馈退回"),
                    ("check_pass", "核查通过"),
                    ("check_fail", "核查不通过"),
                    ("close", "结案"),
                    ("void", "作废"),
                    ("redo", "重办"),
                    ("callback", "回访"),
                ],
                max_length=14,
                verbose_name="动作",
            ),
        ),
    ]
