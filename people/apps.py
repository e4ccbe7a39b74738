from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("人员与机构")

    def ready(self) -> None:
        from people.grants import grant_app_role

        post_migrate.connect(grant_app_role, dispatch_uid="grant_app_role")
