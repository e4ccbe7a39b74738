from django.urls import URLPattern

app_name = "gridmap"
urlpatterns: list[URLPattern] = []
