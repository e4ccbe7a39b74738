"""The field app's addresses."""

from django.urls import path

from inspectors.views.acts import act
from inspectors.views.app import manifest, offline, outbox, pack, worker
from inspectors.views.around import around
from inspectors.views.found import found
from inspectors.views.nearby import nearby
from inspectors.views.operations import operations, photo_upload
from inspectors.views.phrases import phrases
from inspectors.views.revisit import revisit
from inspectors.views.route import route
from inspectors.views.shifts import shifts, takeover
from inspectors.views.task import claim, task

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
    path("field/tasks/<int:task_id>/claim/", claim, name="claim"),
    path("field/tasks/<int:task_id>/<str:act_kind>/", act, name="act"),
    path("shifts/", shifts, name="shifts"),
    path("shifts/<int:shift_id>/takeover/", takeover, name="takeover"),
]
