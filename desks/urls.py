"""The desks' addresses."""

from django.urls import URLPattern, path

from desks import live
from desks.views import (
    agency,
    beside,
    callbacks,
    case,
    console,
    diversions,
    home,
    intake,
    knowledge,
    lead,
    orders,
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
    path("intake/divert/", diversions.divert, name="divert"),
    path("intake/diversions/", diversions.diversions, name="diversions"),
    path("intake/import/", orders.orders, name="orders"),
    path("intake/import/<int:file_id>/", orders.order_file, name="order_file"),
    path("intake/import/<int:file_id>/rejects.csv", orders.order_rejects, name="order_rejects"),
    path("intake/import/<int:file_id>/rows/<int:row_id>/", orders.order_row, name="order_row"),
    path("intake/import/<int:file_id>/<slug:step>/", orders.order_step, name="order_step"),
    path("repeats/", repeats.repeats, name="repeats"),
    path("petitions/", beside.petitions, name="petitions"),
    path("supervisions/", beside.pushes, name="supervisions"),
    path("progress/<str:key>/", progress.progress, name="progress"),
    path("agency/", agency.agency, name="agency"),
    path("cases/<str:number>/", case.case, name="case"),
    path("cases/<str:number>/unmask/", case.unmask, name="unmask"),
    path("cases/<str:number>/<slug:action>/", case.act, name="act"),
]
