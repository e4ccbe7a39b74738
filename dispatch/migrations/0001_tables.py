import datetime

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dispatch.models.calendar
import dispatch.models.log


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phase",
                    models.CharField(
                        choices=[("reported", "上报"), ("before", "处置前"), ("after", "处置后"), ("checked", "核查")],
                        max_length=8,
                        verbose_name="阶段",
                    ),
                ),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, null=True, srid=settings.CITY.srid, verbose_name="拍摄位置"
                    ),
                ),
                ("accuracy_m", models.FloatField(blank=True, null=True, verbose_name="定位精度（米）")),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="拍摄时间")),
            ],
            options={
                "verbose_name": "证据",
                "verbose_name_plural": "证据",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(verbose_name="来电时间")),
                ("external_ref", models.CharField(blank=True, max_length=60, verbose_name="外部编号")),
            ],
            options={
                "verbose_name": "来电",
                "verbose_name_plural": "来电",
            },
        ),
        migrations.CreateModel(
            name="Callback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("called_at", models.DateTimeField(verbose_name="回访时间")),
                ("reached", models.BooleanField(verbose_name="已接通")),
                (
                    "satisfaction",
                    models.CharField(
                        blank=True,
                        choices=[("satisfied", "满意"), ("fair", "基本满意"), ("dissatisfied", "不满意")],
                        max_length=12,
                        verbose_name="满意度",
                    ),
                ),
                ("solved", models.BooleanField(blank=True, null=True, verbose_name="是否解决")),
                ("reason", models.TextField(blank=True, verbose_name="原因")),
            ],
            options={
                "verbose_name": "回访",
                "verbose_name_plural": "回访",
                "ordering": ["called_at"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True, verbose_name="案件编号")),
                (
                    "flow",
                    models.CharField(
                        choices=[("street", "城市管理"), ("matter", "民生诉求")], max_length=8, verbose_name="流程"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "已受理"),
                            ("verifying", "核实中"),
                            ("to_file", "待立案"),
                            ("to_review", "待审核"),
                            ("to_dispatch", "待派遣"),
                            ("handling", "处置中"),
                            ("reply_review", "反馈审核"),
                            ("checking", "核查中"),
                            ("to_close", "待结案"),
                            ("suspended", "挂账"),
                            ("closed", "已结案"),
                            ("answered", "直接答复"),
                            ("declined", "不予受理"),
                            ("merged", "已并案"),
                            ("void", "作废"),
                        ],
                        db_index=True,
                        max_length=14,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("state_since", models.DateTimeField()),
                (
                    "request_type",
                    models.CharField(
                        choices=[
                            ("complaint", "投诉"),
                            ("consultation", "咨询"),
                            ("appeal", "申诉"),
                            ("disclosure", "举报"),
                            ("suggestion", "建议"),
                            ("help", "求助"),
                            ("praise", "表扬"),
                            ("other", "其他"),
                        ],
                        default="complaint",
                        max_length=12,
                        verbose_name="诉求类型",
                    ),
                ),
                (
                    "complexity",
                    models.CharField(
                        choices=[("simple", "简单"), ("complex", "复杂")],
                        default="simple",
                        max_length=8,
                        verbose_name="复杂程度",
                    ),
                ),
                ("urgent", models.BooleanField(default=False, verbose_name="紧急")),
                ("text", models.TextField(verbose_name="问题描述")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="地址")),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, null=True, srid=settings.CITY.srid, verbose_name="位置"
                    ),
                ),
                ("uncertainty_m", models.FloatField(blank=True, null=True, verbose_name="不确定度（米）")),
                ("outside_grid", models.BooleanField(default=False, verbose_name="网格外")),
                ("suspended_from", models.CharField(blank=True, max_length=14)),
                ("received_at", models.DateTimeField(db_index=True, verbose_name="受理时间")),
                ("filed_at", models.DateTimeField(blank=True, null=True, verbose_name="立案时间")),
                ("dispatched_at", models.DateTimeField(blank=True, null=True, verbose_name="派遣时间")),
                ("handled_at", models.DateTimeField(blank=True, null=True, verbose_name="处置时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="结案时间")),
                ("report_count", models.IntegerField(default=1, verbose_name="诉求件次")),
                ("reworks", models.IntegerField(default=0, verbose_name="返工次数")),
                ("redos", models.IntegerField(default=0, verbose_name="重办次数")),
                ("returns", models.IntegerField(default=0, verbose_name="退单次数")),
            ],
            options={
                "verbose_name": "案件",
                "verbose_name_plural": "案件",
                "ordering": ["-received_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(unique=True, verbose_name="标识")),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("public", models.BooleanField(default=True, verbose_name="公众渠道")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                (
                    "default_type",
                    models.CharField(
                        choices=[
                            ("complaint", "投诉"),
                            ("consultation", "咨询"),
                            ("appeal", "申诉"),
                            ("disclosure", "举报"),
                            ("suggestion", "建议"),
                            ("help", "求助"),
                            ("praise", "表扬"),
                            ("other", "其他"),
                        ],
                        default="complaint",
                        max_length=12,
                        verbose_name="默认诉求类型",
                    ),
                ),
            ],
            options={
                "verbose_name": "来源渠道",
                "verbose_name_plural": "来源渠道",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("verify", "核实"), ("handle", "处置"), ("check", "核查")],
                        max_length=8,
                        verbose_name="类型",
                    ),
                ),
                ("calendar_version", models.IntegerField()),
                ("provisional", models.BooleanField(default=False, verbose_name="暂定")),
                ("limit_amount", models.IntegerField(verbose_name="时限")),
                (
                    "limit_unit",
                    models.CharField(
                        choices=[
                            ("urgent_hour", "紧急工作时"),
                            ("urgent_day", "紧急工作日"),
                            ("work_hour", "工作时"),
                            ("work_day", "工作日"),
                            ("minute", "分钟"),
                        ],
                        max_length=12,
                        verbose_name="时限单位",
                    ),
                ),
                ("limit_seconds", models.FloatField()),
                ("started_at", models.DateTimeField(verbose_name="开始时间")),
                ("running_since", models.DateTimeField()),
                ("used_seconds", models.FloatField(default=0)),
                ("due_at", models.DateTimeField(verbose_name="到期时间")),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("on_time", "按期"), ("overdue", "超期"), ("dropped", "不计")],
                        max_length=8,
                        verbose_name="结论",
                    ),
                ),
            ],
            options={
                "verbose_name": "计时",
                "verbose_name_plural": "计时",
                "ordering": ["case", "started_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Condition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.SmallIntegerField(verbose_name="序号")),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="立案条件")),
                ("limit_amount", models.IntegerField(verbose_name="时限")),
                (
                    "limit_unit",
                    models.CharField(
                        choices=[
                            ("urgent_hour", "紧急工作时"),
                            ("urgent_day", "紧急工作日"),
                            ("work_hour", "工作时"),
                            ("work_day", "工作日"),
                            ("minute", "分钟"),
                        ],
                        max_length=12,
                        verbose_name="时限单位",
                    ),
                ),
                ("measure", models.CharField(blank=True, max_length=200, verbose_name="处置要求")),
                ("evidence", models.CharField(blank=True, max_length=200, verbose_name="结案证据")),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="关键词",
                    ),
                ),
                ("confidential", models.BooleanField(default=False, verbose_name="保密")),
            ],
            options={
                "verbose_name": "立案条件",
                "verbose_name_plural": "立案条件",
                "ordering": ["category", "number"],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[("phone", "电话"), ("visit", "上门"), ("message", "短信/微信"), ("letter", "书面")],
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                ("contacted_at", models.DateTimeField(verbose_name="联系时间")),
                ("reached", models.BooleanField(default=True, verbose_name="已联系上")),
                (
                    "satisfaction",
                    models.CharField(
                        blank=True,
                        choices=[("satisfied", "满意"), ("fair", "基本满意"), ("dissatisfied", "不满意")],
                        max_length=12,
                        verbose_name="满意度",
                    ),
                ),
            ],
            options={
                "verbose_name": "联系记录",
                "verbose_name_plural": "联系记录",
                "ordering": ["contacted_at"],
            },
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("reader", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("xid", models.BigIntegerField(default=0)),
                ("event_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("payload", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("xid", models.BigIntegerField(db_default=dispatch.models.log.CurrentTransaction(), editable=False)),
            ],
            options={
                "ordering": ["xid", "id"],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("media_type", models.CharField(max_length=60)),
                ("size", models.IntegerField()),
                ("width", models.IntegerField(blank=True, null=True)),
                ("height", models.IntegerField(blank=True, null=True)),
                ("stored_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "证据文件",
                "verbose_name_plural": "证据文件",
            },
        ),
        migrations.CreateModel(
            name="FieldTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("verify", "核实"), ("check", "核查")], max_length=8, verbose_name="类型"
                    ),
                ),
                ("why", models.JSONField(blank=True, default=list)),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=settings.CITY.srid, verbose_name="位置")),
                ("issued_at", models.DateTimeField(verbose_name="下达时间")),
                ("due_at", models.DateTimeField(verbose_name="到期时间")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "情况属实"),
                            ("not_found", "未发现"),
                            ("different", "情况不符"),
                            ("passed", "已解决"),
                            ("failed", "未解决"),
                            ("cancelled", "已取消"),
                        ],
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
            ],
            options={
                "verbose_name": "核实核查任务",
                "verbose_name_plural": "核实核查任务",
                "ordering": ["due_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("leads", models.BooleanField(default=True, verbose_name="牵头")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("handling", "处置中"),
                            ("replied", "已反馈"),
                            ("reviewed", "反馈已审"),
                            ("accepted", "已认可"),
                            ("withdrawn", "已收回"),
                        ],
                        default="handling",
                        max_length=10,
                        verbose_name="阶段",
                    ),
                ),
                ("why", models.JSONField(blank=True, default=list)),
                ("dispatched_at", models.DateTimeField(verbose_name="派遣时间")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="签收时间")),
                ("handled_at", models.DateTimeField(blank=True, null=True, verbose_name="处置时间")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="收回时间")),
                ("reply", models.TextField(blank=True, verbose_name="处置结果")),
                ("reworks", models.IntegerField(default=0, verbose_name="返工次数")),
            ],
            options={
                "verbose_name": "承办分项",
                "verbose_name_plural": "承办分项",
                "ordering": ["case", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("resident", "市民"), ("enterprise", "企业")],
                        default="resident",
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40, verbose_name="姓名")),
                ("phone", models.CharField(blank=True, db_index=True, max_length=30, verbose_name="电话")),
                ("anonymised_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "诉求人",
                "verbose_name_plural": "诉求人",
            },
        ),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="说明")),
            ],
            options={
                "verbose_name": "说明",
                "verbose_name_plural": "说明",
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True, verbose_name="诉求编号")),
                ("external_ref", models.CharField(blank=True, max_length=60, verbose_name="外部编号")),
                (
                    "request_type",
                    models.CharField(
                        choices=[
                            ("complaint", "投诉"),
                            ("consultation", "咨询"),
                            ("appeal", "申诉"),
                            ("disclosure", "举报"),
                            ("suggestion", "建议"),
                            ("help", "求助"),
                            ("praise", "表扬"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="诉求类型",
                    ),
                ),
                ("text", models.TextField(verbose_name="诉求内容")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="地址")),
                ("anonymous", models.BooleanField(default=False, verbose_name="匿名")),
                ("wants_callback", models.BooleanField(default=True, verbose_name="需要回访")),
                ("received_at", models.DateTimeField(db_index=True, verbose_name="受理时间")),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, null=True, srid=settings.CITY.srid, verbose_name="定位"
                    ),
                ),
                (
                    "given_point",
                    django.contrib.gis.db.models.fields.PointField(blank=True, null=True, srid=settings.CITY.srid),
                ),
                ("level", models.CharField(blank=True, max_length=16, verbose_name="定位层级")),
                ("score", models.FloatField(blank=True, null=True, verbose_name="得分")),
                ("uncertainty_m", models.FloatField(blank=True, null=True, verbose_name="不确定度（米）")),
                ("matched", models.CharField(blank=True, max_length=200, verbose_name="匹配文字")),
                ("located_by", models.CharField(blank=True, max_length=12)),
                ("geocoder_version", models.CharField(blank=True, max_length=12)),
                ("why", models.JSONField(blank=True, default=dict)),
                ("needs_placing", models.BooleanField(default=False, verbose_name="待定位")),
            ],
            options={
                "verbose_name": "诉求",
                "verbose_name_plural": "诉求",
                "ordering": ["-received_at"],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, verbose_name="规则编号")),
                ("version", models.IntegerField(default=1)),
                ("area_code", models.CharField(blank=True, max_length=16, verbose_name="行政区域编码")),
                ("by_owner", models.BooleanField(default=False, verbose_name="按部件权属单位")),
                ("fallback", models.BooleanField(default=False, verbose_name="属地兜底")),
                ("valid_from", models.DateField(default=datetime.date(2000, 1, 1), verbose_name="生效日期")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
            ],
            options={
                "verbose_name": "派遣规则",
                "verbose_name_plural": "派遣规则",
                "ordering": ["number", "version"],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("register", "受理登记"),
                            ("report_found", "巡查上报"),
                            ("place", "定位"),
                            ("classify", "归类"),
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
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("received", "已受理"),
                            ("verifying", "核实中"),
                            ("to_file", "待立案"),
                            ("to_review", "待审核"),
                            ("to_dispatch", "待派遣"),
                            ("handling", "处置中"),
                            ("reply_review", "反馈审核"),
                            ("checking", "核查中"),
                            ("to_close", "待结案"),
                            ("suspended", "挂账"),
                            ("closed", "已结案"),
                            ("answered", "直接答复"),
                            ("declined", "不予受理"),
                            ("merged", "已并案"),
                            ("void", "作废"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("received", "已受理"),
                            ("verifying", "核实中"),
                            ("to_file", "待立案"),
                            ("to_review", "待审核"),
                            ("to_dispatch", "待派遣"),
                            ("handling", "处置中"),
                            ("reply_review", "反馈审核"),
                            ("checking", "核查中"),
                            ("to_close", "待结案"),
                            ("suspended", "挂账"),
                            ("closed", "已结案"),
                            ("answered", "直接答复"),
                            ("declined", "不予受理"),
                            ("merged", "已并案"),
                            ("void", "作废"),
                        ],
                        max_length=14,
                    ),
                ),
                ("version", models.IntegerField()),
                ("role", models.CharField(blank=True, max_length=20)),
                ("reason_code", models.CharField(blank=True, max_length=30)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("occurred_at", models.DateTimeField(verbose_name="发生时间")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("operation", models.UUIDField(unique=True)),
            ],
            options={
                "verbose_name": "流转记录",
                "verbose_name_plural": "流转记录",
                "ordering": ["case", "version"],
            },
        ),
        migrations.CreateModel(
            name="Calendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                (
                    "periods",
                    models.JSONField(default=dispatch.models.calendar.standard_periods, verbose_name="工作时段"),
                ),
                ("workdays", models.CharField(default="1111100", max_length=7, verbose_name="工作日")),
                ("active", models.BooleanField(default=True, verbose_name="启用")),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "verbose_name": "计时方案",
                "verbose_name_plural": "计时方案",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)), fields=("active",), name="one_active_calendar"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("workdays__regex", "^[01]{7}$")), name="workdays_are_seven_flags"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="日期")),
                ("works", models.BooleanField(verbose_name="是否工作日")),
                ("name", models.CharField(blank=True, max_length=40, verbose_name="说明")),
                ("provisional", models.BooleanField(default=False, verbose_name="暂定")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="days", to="dispatch.calendar"
                    ),
                ),
            ],
            options={
                "verbose_name": "特殊日期",
                "verbose_name_plural": "特殊日期",
                "ordering": ["day"],
            },
        ),
    ]
