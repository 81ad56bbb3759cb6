"""Words for how requests, cases and providers stand."""

from collections.abc import Mapping
from types import MappingProxyType

from contactpoint.casework.brokering.records import Answer, Standing, State

# State: (tag, its colour, what it means). None of them says whether there is any service (SEN-3).
STATES: Mapping[State, tuple[str, str, str]] = MappingProxyType(
    {
        State.WAITING: ("Received", "blue", "The broker of the responsible authority sees to it."),
        State.CONTACT: ("Contact given", "green", "You can see the contact for a limited time."),
        State.OVER: ("Over", "grey", "The contact can no longer be seen here. Ask again if you need it."),
        State.NONE: ("Closed", "grey", "It was closed without a contact. Nobody is told why."),
        State.SHIELDED: (
            "Shielded",
            "yellow",
            "The record is shielded now. Open it to pass a message; nothing else is brokered about it.",
        ),
        State.RECEIVED: ("Received", "blue", "Nobody has decided yet."),
        State.DECIDED: ("Decided", "grey", "The record shows what holds now."),
    }
)
STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.READY: "",
        Standing.NOT_REGISTERED: "Not registered with ContactPoint: it cannot be asked here",
        Standing.NOT_ACCREDITED: "Not accredited at the moment: it cannot be asked here",
        Standing.NOBODY_THERE: "Nobody there can answer at the moment: it cannot be asked here",
    }
)
ANSWERS: Mapping[Answer, str] = MappingProxyType(
    {
        Answer.ACCEPTED: "Accepted: the contact was given",
        Answer.DECLINED: "Declined",
    }
)
WORDS = {"states": STATES, "standings": STANDINGS, "answers": ANSWERS}
