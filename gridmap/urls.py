"""The map's own addresses."""

from django.urls import path

from gridmap.views import tile

app_name = "gridmap"
urlpatterns = [
    path("tiles/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
]
