"""The admin: entered with the permission `data` of the one table, through the ordinary login page."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from people.access import roles_of
from people.permissions import may


class HouseAdminSite(AdminSite):
    site_title = site_header = _("后台管理")
    index_title = _("城市数据与人员")
    site_url = None

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # many at once leave no record of what each one said
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and may(roles_of(request), "data")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The city's own data first; the queue of tasks, which the library calls by its own name, last."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "django_q":
                app["name"] = _("后台任务")
        return sorted(apps, key=lambda app: app["app_label"] == "django_q")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return redirect_to_login(request.GET.get("next", resolve_url("admin:index")))
