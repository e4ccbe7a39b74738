"""Django's admin, with our own door."""

from django.contrib.admin.apps import AdminConfig


class HouseAdminConfig(AdminConfig):
    default_site = "people.site.HouseAdminSite"
