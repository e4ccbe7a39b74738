"""The scorecards' addresses; the month is in the query: ?month=2026-11."""

from django.urls import path

from scorecards.views.cases import cases
from scorecards.views.month import export, freeze_month, month

app_name = "scorecards"
urlpatterns = [
    path("scorecards/", month, name="month"),
    path("scorecards/export.xlsx", export, name="export"),
    path("scorecards/freeze/", freeze_month, name="freeze"),
    path("scorecards/<str:code>/<slug:figure>/", cases, name="cases"),
]
