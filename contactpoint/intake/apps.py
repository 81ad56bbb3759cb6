from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "contactpoint.intake"
    label = "intake"

    def ready(self) -> None:
        """What a restored database must do about loads that were withdrawn (RET-4)."""
        from contactpoint.directory.keeping.ledger import Deed
        from contactpoint.directory.keeping.replay import teach
        from contactpoint.intake.withdrawing import withdraw_again

        teach(deed=Deed.LOAD_WITHDRAWN, do=withdraw_again)
