from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class InspectorsConfig(AppConfig):
    name = "inspectors"
    verbose_name = _("监督员")

    def ready(self) -> None:
        from dispatch import events
        from inspectors import assigning, kinds, missed, routes, schedules

        kinds.register_kinds()
        events.register("assignment", assigning.on_event)
        events.register("routes", routes.on_event)
        events.register("missed", missed.on_event)
        post_migrate.connect(schedules.ensure_schedules, sender=self, dispatch_uid="inspectors.schedules")
