"""The map's own addresses."""

from django.urls import path

from gridmap.views.componentimports import (
    component_import,
    component_import_rows,
    component_import_step,
    component_imports,
)
from gridmap.views.components import component, component_state, components, download, publish_components
from gridmap.views.data import data, import_rejects, import_report
from gridmap.views.layoutmap import edit_layout, layout_cells, layout_defects, layout_map
from gridmap.views.layouts import layout_step, layouts
from gridmap.views.learned import learned, revoke_learned
from gridmap.views.tiles import tile, tilejson, town_tile, town_tilejson

app_name = "gridmap"
urlpatterns = [
    path("data/", data, name="data"),
    path("data/imports/<int:import_id>/", import_report, name="import"),
    path("data/imports/<int:import_id>/rejects.csv", import_rejects, name="import_rejects"),
    path("data/learned/", learned, name="learned"),
    path("data/learned/<int:confirmation_id>/revoke/", revoke_learned, name="revoke_learned"),
    path("tiles/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
    path("tiles/<slug:layer>.json", tilejson, name="tilejson"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tile, name="layer_tile"),
    path("town/tiles.json", town_tilejson, name="town_tilejson"),
    path("town/<int:z>/<int:x>/<int:y>.mvt", town_tile, name="town_tile"),
    path("components/", components, name="components"),
    path("components/publish/", publish_components, name="publish_components"),
    path("components/download/", download, name="download_components"),
    path("components/imports/", component_imports, name="component_imports"),
    path("components/imports/<int:pk>/", component_import, name="component_import"),
    path("components/imports/<int:pk>/rows.csv", component_import_rows, name="component_import_rows"),
    path("components/imports/<int:pk>/<slug:step>/", component_import_step, name="component_import_step"),
    path("components/<str:component_code>/", component, name="component"),
    path("components/<str:component_code>/state/", component_state, name="component_state"),
    path("layouts/", layouts, name="layouts"),
    path("layouts/<int:layout_id>/", layout_map, name="layout"),
    path("layouts/<int:layout_id>/cells.json", layout_cells, name="layout_cells"),
    path("layouts/<int:layout_id>/defects.json", layout_defects, name="layout_defects"),
    path("layouts/<int:layout_id>/edit/", edit_layout, name="edit_layout"),
    path("layouts/<int:layout_id>/<slug:step>/", layout_step, name="layout_step"),
]
