"""The scorecards' addresses; the month is in the query: ?month=2026-11."""

from django.urls import path

from scorecards.views import bulletins, notices
from scorecards.views.cases import cases
from scorecards.views.intake import intake
from scorecards.views.month import export, freeze_month, month
from scorecards.views.posts import post_cases, posts
from scorecards.views.trials import trials

app_name = "scorecards"
urlpatterns = [
    path("scorecards/", month, name="month"),
    path("scorecards/export.xlsx", export, name="export"),
    path("scorecards/freeze/", freeze_month, name="freeze"),
    path("scorecards/trials/", trials, name="trials"),
    path("scorecards/posts/", posts, name="posts"),
    path("scorecards/posts/<slug:post>/<str:username>/<slug:count>/", post_cases, name="post_cases"),
    path("figures/", intake, name="figures"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:agency_code>/", notices.notice, name="notice"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/new/", bulletins.write, name="new_bulletin"),
    path("bulletins/<int:bulletin_id>/", bulletins.bulletin, name="bulletin"),
    path("bulletins/<int:bulletin_id>/edit/", bulletins.write, name="edit_bulletin"),
    path("bulletins/<int:bulletin_id>/publish/", bulletins.publish_bulletin, name="publish_bulletin"),
    path("bulletins/cases/<str:number>/", bulletins.excellent, name="excellent"),
    path("scorecards/<str:code>/<slug:figure>/", cases, name="cases"),
]
