"""Tables of who is asking, by topic. Constraints here; decisions in `policies`."""

from contactpoint.access.models.mediated import MediatedVisit
from contactpoint.access.models.people import (
    Account,
    Accreditation,
    Clearance,
    Organisation,
    PastSession,
    RoleGrant,
    SignIn,
)
from contactpoint.access.models.profile import Profile
from contactpoint.access.models.steps import Application, Lapse, Merger, OneTimeLink, ProviderLink, Stop
from contactpoint.access.models.training import QuizAttempt, TrainingResult

__all__ = [
    "Account",
    "Accreditation",
    "Application",
    "Clearance",
    "Lapse",
    "MediatedVisit",
    "Merger",
    "OneTimeLink",
    "Organisation",
    "PastSession",
    "Profile",
    "ProviderLink",
    "QuizAttempt",
    "RoleGrant",
    "SignIn",
    "Stop",
    "TrainingResult",
]
