from django.apps import AppConfig


class InspectorsConfig(AppConfig):
    name = "inspectors"
