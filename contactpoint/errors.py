"""The four families of error; every error that a door turns into a response is one of them.

Subclass beside the function that raises.
A message says what happened, what was kept, and what to do.
It never contains a child's name, birth date, address or number.
"""


class ContactPointError(Exception):
    """What all our own errors have in common; never raised as such."""


class NotAllowed(ContactPointError):
    """The person asking may not do this (HTTP 403)."""


class NotFound(ContactPointError):
    """There is no such thing, or none that this person may know of (HTTP 404; SEA-6)."""


class Invalid(ContactPointError):
    """What was given cannot be used as it stands; the message says how to mend it (HTTP 400).

    `about` names the value that it is about, as the raiser's caller calls it; '' where no single one is.
    `parts` are the sentences of a message that has several, each after what it is about.
    """

    def __init__(self, message: str, *, about: str = "", parts: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.parts = parts or ((about, message),)


class Conflict(ContactPointError):
    """Somebody else changed the same thing first, or it is not in a state that allows this (HTTP 409)."""
