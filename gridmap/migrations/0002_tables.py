import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("gridmap", "0001_srid")]

    operations = [
        migrations.CreateModel(
            name="Dictionary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("urban", "城市管理"), ("matters", "民生诉求")], max_length=10, verbose_name="类型"
                    ),
                ),
                ("edition", models.CharField(max_length=60, unique=True, verbose_name="版本")),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
            ],
            options={
                "verbose_name": "类别字典",
                "verbose_name_plural": "类别字典",
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("layer", models.CharField(max_length=30, verbose_name="图层")),
                ("source", models.CharField(max_length=200, verbose_name="来源")),
                ("datum", models.CharField(max_length=30, verbose_name="坐标基准")),
                ("started_at", models.DateTimeField(verbose_name="开始时间")),
                ("seconds", models.FloatField(default=0, verbose_name="用时（秒）")),
                ("rows_read", models.IntegerField(default=0, verbose_name="读入")),
                ("rows_kept", models.IntegerField(default=0, verbose_name="保留")),
                ("rows_rejected", models.IntegerField(default=0, verbose_name="拒绝")),
                ("report", models.JSONField(blank=True, default=dict, verbose_name="报告")),
            ],
            options={
                "verbose_name": "导入记录",
                "verbose_name_plural": "导入记录",
                "ordering": ["-started_at"],
            },
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("checked", "已检查"), ("active", "启用"), ("retired", "停用")],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                ("report", models.JSONField(blank=True, default=dict, verbose_name="报告")),
            ],
            options={
                "verbose_name": "网格版本",
                "verbose_name_plural": "网格版本",
                "ordering": ["-active_from", "name"],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("district", "地片"),
                            ("road", "道路"),
                            ("lane", "街巷"),
                            ("doorplate", "门牌"),
                            ("compound", "小区"),
                            ("building", "楼栋"),
                            ("poi", "兴趣点"),
                            ("crossing", "路口"),
                            ("water", "水域"),
                            ("green", "绿地"),
                        ],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                (
                    "bigrams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="别名",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                ("area_key", models.CharField(blank=True, max_length=40)),
                ("road_key", models.CharField(blank=True, max_length=60)),
                ("number", models.IntegerField(blank=True, null=True, verbose_name="号")),
                ("sub_number", models.IntegerField(blank=True, null=True, verbose_name="之")),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=settings.CITY.srid, verbose_name="点位")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.GeometryField(
                        blank=True, null=True, srid=settings.CITY.srid, verbose_name="形状"
                    ),
                ),
                ("accuracy_m", models.FloatField(default=10, verbose_name="精度（米）")),
                ("source_rank", models.SmallIntegerField(default=2, verbose_name="来源等级")),
                ("source", models.CharField(max_length=60, verbose_name="来源")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="生效日期")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
            ],
            options={
                "verbose_name": "地名地址",
                "verbose_name_plural": "地名地址",
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="编码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("city", "市"),
                            ("district", "区县"),
                            ("subdistrict", "街道/镇"),
                            ("community", "社区/村"),
                        ],
                        max_length=12,
                        verbose_name="层级",
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(srid=settings.CITY.srid, verbose_name="范围"),
                ),
                ("built_up", models.BooleanField(default=True, verbose_name="建成区")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="gridmap.area",
                    ),
                ),
            ],
            options={
                "verbose_name": "行政区域",
                "verbose_name_plural": "行政区域",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("component", "部件"), ("event", "事件"), ("matter", "诉求")],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("code", models.CharField(max_length=5, verbose_name="编码")),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=80, verbose_name="英文名称")),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="别名",
                    ),
                ),
                ("must_collect", models.BooleanField(default=True, verbose_name="监督员应采集")),
                (
                    "major",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minors",
                        to="gridmap.category",
                    ),
                ),
            ],
            options={
                "verbose_name": "类别",
                "verbose_name_plural": "类别",
                "ordering": ["dictionary", "kind", "code"],
            },
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="编码")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PolygonField(srid=settings.CITY.srid, verbose_name="范围"),
                ),
                ("area_m2", models.FloatField(verbose_name="面积（平方米）")),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="gridmap.area"
                    ),
                ),
            ],
            options={
                "verbose_name": "单元网格",
                "verbose_name_plural": "单元网格",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="CityMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=50)),
                ("srid", models.IntegerField()),
                ("zone", models.CharField(max_length=50)),
                ("only", models.BooleanField(default=True, editable=False, unique=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("only", True)), name="one_city_only")],
            },
        ),
        migrations.CreateModel(
            name="Component",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=24, unique=True, verbose_name="编码")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="名称")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.GeometryField(srid=settings.CITY.srid, verbose_name="位置"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intact", "完好"),
                            ("damaged", "破损"),
                            ("missing", "丢失"),
                            ("moved", "移位"),
                            ("abandoned", "废弃"),
                        ],
                        default="intact",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("accuracy_grade", models.CharField(blank=True, max_length=1, verbose_name="精度等级")),
                ("surveyed_on", models.DateField(blank=True, null=True, verbose_name="普查日期")),
                ("changed_on", models.DateField(blank=True, null=True, verbose_name="变更日期")),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="数据来源")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="备注")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="components", to="gridmap.category"
                    ),
                ),
            ],
            options={
                "verbose_name": "部件",
                "verbose_name_plural": "部件",
            },
        ),
    ]
