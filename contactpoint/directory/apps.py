from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "contactpoint.directory"
    label = "directory"
