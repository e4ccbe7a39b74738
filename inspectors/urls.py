"""The field app's addresses, and those of the desks that look after inspectors."""

from django.urls import path

from inspectors.views.app import manifest, offline, outbox, pack, worker
from inspectors.views.around import around
from inspectors.views.campaigns import patrol_campaigns, spot, spots
from inspectors.views.duty import duty
from inspectors.views.found import found
from inspectors.views.households import field_household, field_households
from inspectors.views.messages import field_messages, sent_messages
from inspectors.views.missed import decide_miss, misses
from inspectors.views.month import month
from inspectors.views.nearby import nearby
from inspectors.views.operations import operations, photo_upload
from inspectors.views.patrol import field_patrol, patrol, patrol_cells, patrol_track
from inspectors.views.phrases import phrases
from inspectors.views.revisit import revisit
from inspectors.views.route import route
from inspectors.views.shifts import shifts, takeover
from inspectors.views.task import task

app_name = "inspectors"
urlpatterns = [
    path("field/", nearby, name="nearby"),
    path("field/found/", found, name="found"),
    path("field/around/", around, name="around"),
    path("field/phrases/", phrases, name="phrases"),
    path("field/revisits/<str:number>/", revisit, name="revisit"),
    path("field/route/", route, name="route"),
    path("field/manifest.webmanifest", manifest, name="manifest"),
    path("field/sw.js", worker, name="worker"),
    path("field/offline/", offline, name="offline"),
    path("field/outbox/", outbox, name="outbox"),
    path("field/pack/", pack, name="pack"),
    path("field/operations/", operations, name="operations"),
    path("field/photos/<str:digest>/", photo_upload, name="photo_upload"),
    path("field/tasks/<int:task_id>/", task, name="task"),
    path("shifts/", shifts, name="shifts"),
    path("shifts/<int:shift_id>/takeover/", takeover, name="takeover"),
    path("field/duty/", duty, name="duty"),
    path("field/messages/", field_messages, name="field_messages"),
    path("field/month/", month, name="month"),
    path("field/patrol/", field_patrol, name="field_patrol"),
    path("field/households/", field_households, name="field_households"),
    path("field/households/<int:household_id>/", field_household, name="field_household"),
    path("field/spots/", spots, name="spots"),
    path("field/spots/<int:spot_id>/", spot, name="spot"),
    path("patrol/", patrol, name="patrol"),
    path("patrol/cells/", patrol_cells, name="patrol_cells"),
    path("patrol/tracks/", patrol_track, name="patrol_track"),
    path("patrol/campaigns/", patrol_campaigns, name="patrol_campaigns"),
    path("misses/", misses, name="misses"),
    path("misses/<int:miss_id>/", decide_miss, name="decide_miss"),
    path("messages/", sent_messages, name="messages"),
]
