"""Words for outcomes and steps of an investigation."""

from collections.abc import Mapping
from types import MappingProxyType

from contactpoint.casework.override.records import Outcome, Step

OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.JUSTIFIED: "It was justified: somebody was in danger, and it could not wait",
        Outcome.NOT_JUSTIFIED: "It was not justified, and nothing worse: the person is told and trained",
        Outcome.MISUSE: "It was misuse: the organisation is told, and what the law asks for is done",
    }
)
STEPS: Mapping[Step, str] = MappingProxyType(
    {Step.MANAGER_TOLD: "Line manager told", Step.SUSPENDED: "Account suspended"}
)
