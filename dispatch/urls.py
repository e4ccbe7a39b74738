"""The addresses of evidence."""

from django.urls import path

from dispatch.views import evidence

app_name = "dispatch"
urlpatterns = [
    path("evidence/<str:sha256>.jpg", evidence, name="evidence"),
]
