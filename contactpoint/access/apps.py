from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "contactpoint.access"
    label = "access"

    def ready(self) -> None:
        """Sign-ins and refusals that the sign-in library tells of by signal reach the log."""
        from contactpoint.access import providers, sign_in_log

        sign_in_log.listen()
        providers.find_providers()  # a mistake in their file is told at the start, not at the first sign-in
