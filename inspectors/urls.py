"""The field app's addresses."""

from django.urls import path

from inspectors.views.acts import act
from inspectors.views.around import around
from inspectors.views.found import found
from inspectors.views.nearby import nearby
from inspectors.views.phrases import phrases
from inspectors.views.revisit import revisit
from inspectors.views.task import claim, task

app_name = "inspectors"
urlpatterns = [
    path("field/", nearby, name="nearby"),
    path("field/found/", found, name="found"),
    path("field/around/", around, name="around"),
    path("field/phrases/", phrases, name="phrases"),
    path("field/revisits/<str:number>/", revisit, name="revisit"),
    path("field/tasks/<int:task_id>/", task, name="task"),
    path("field/tasks/<int:task_id>/claim/", claim, name="claim"),
    path("field/tasks/<int:task_id>/<str:act_kind>/", act, name="act"),
]
