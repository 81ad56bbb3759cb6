from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "contactpoint.access"
    label = "access"

    def ready(self) -> None:
        """Sign-ins and refusals that the sign-in library tells of by signal reach the log."""
        from contactpoint.access import sign_in_log

        sign_in_log.listen()
