"""Where each room's pages hang."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("people.urls")),
    path("", include("gridmap.urls")),
    path("", include("dispatch.urls")),
    path("", include("inspectors.urls")),
    path("", include("scorecards.urls")),
    path("", include("desks.urls")),
    path("admin/", admin.site.urls),
]
