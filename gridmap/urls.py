"""The map's own addresses."""

from django.urls import path

from gridmap.layoutsteps import layout_step, layouts
from gridmap.layoutviews import edit_layout, layout_cells, layout_defects, layout_map
from gridmap.views import tile, tilejson

app_name = "gridmap"
urlpatterns = [
    path("tiles/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
    path("tiles/<slug:layer>.json", tilejson, name="tilejson"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tile, name="layer_tile"),
    path("layouts/", layouts, name="layouts"),
    path("layouts/<int:layout_id>/", layout_map, name="layout"),
    path("layouts/<int:layout_id>/cells.json", layout_cells, name="layout_cells"),
    path("layouts/<int:layout_id>/defects.json", layout_defects, name="layout_defects"),
    path("layouts/<int:layout_id>/edit/", edit_layout, name="edit_layout"),
    path("layouts/<int:layout_id>/<slug:step>/", layout_step, name="layout_step"),
]
