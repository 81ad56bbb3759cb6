from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "contactpoint.casework"
    label = "casework"
