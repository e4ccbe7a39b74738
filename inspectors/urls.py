from django.urls import URLPattern

app_name = "inspectors"
urlpatterns: list[URLPattern] = []
