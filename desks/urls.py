"""The desks' addresses."""

from django.urls import URLPattern, path

from desks import live
from desks.views import (
    agency,
    beside,
    callbacks,
    case,
    console,
    home,
    intake,
    invite,
    knowledge,
    lead,
    progress,
    repeats,
)

app_name = "desks"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("console/", console.console, name="console"),
    path("console/rows/", console.rows, name="console_rows"),
    path("console/points/", console.points, name="console_points"),
    path("console/changes/", console.changes, name="changes"),
    path("events/", live.stream, name="events"),
    path("intake/", intake.intake, name="intake"),
    path("intake/suggest/", intake.suggest, name="suggest"),
    path("classes/", intake.classes, name="classes"),
    path("places/", intake.places, name="places"),
    path("lead/", lead.lead, name="lead"),
    path("callbacks/", callbacks.callbacks, name="callbacks"),
    path("knowledge/", knowledge.articles, name="knowledge"),
    path("knowledge/new/", knowledge.write, name="new_article"),
    path("knowledge/<int:article_id>/", knowledge.article, name="article"),
    path("knowledge/<int:article_id>/edit/", knowledge.write, name="edit_article"),
    path("knowledge/<int:article_id>/publish/", knowledge.publish, name="publish_article"),
    path("intake/divert/", intake.divert, name="divert"),
    path("repeats/", repeats.repeats, name="repeats"),
    path("petitions/", beside.petitions, name="petitions"),
    path("supervisions/", beside.pushes, name="supervisions"),
    path("progress/<str:key>/", progress.progress, name="progress"),
    path("agency/", agency.agency, name="agency"),
    path("cases/<str:number>/", case.case, name="case"),
    path("cases/<str:number>/links/", invite.invitations, name="invitations"),
    path("cases/<str:number>/links/revoke/", invite.revoke_invitation, name="revoke_invitation"),
    path("ask/<str:token>/", invite.ask, name="ask"),
    path("ask/<str:token>/photo/<str:sha256>.jpg", invite.ask_photo, name="ask_photo"),
    path("cases/<str:number>/unmask/", case.unmask, name="unmask"),
    path("cases/<str:number>/<slug:action>/", case.act, name="act"),
]
