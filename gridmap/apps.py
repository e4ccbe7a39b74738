from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class GridmapConfig(AppConfig):
    name = "gridmap"
    verbose_name = _("地理数据")

    def ready(self) -> None:
        from gridmap.city import refuse_other_city

        connection_created.connect(refuse_other_city, dispatch_uid="refuse_other_city")
