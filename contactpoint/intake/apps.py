from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "contactpoint.intake"
    label = "intake"
