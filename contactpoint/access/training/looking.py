"""Looking a child up: a reason each time, for one's work alone (SEA-1, SEA-2, AUD-1, ACC-11)."""

from contactpoint.access.training.records import Question

POINTS = (
    (
        "You look a child up only when your work with that child needs it, and you give the true "
        "reason each time."
    ),
    (
        "You never look up your own children, relatives, neighbours, colleagues’ families or "
        "somebody in the news."
    ),
    "To try ContactPoint out there is a practice environment, where every child is made up.",
    "Every search and every record opened is logged with your name. Families can ask who looked, and why.",
    "Nobody else ever uses your password, codes or security key, and you never leave a signed-in screen.",
    "That nobody is listed on a record does not prove that nobody works with the child.",
)
QUESTIONS = (
    Question(
        "niece",
        "Your sister asks which health visitor her new baby has. What do you do?",
        "Tell her to ask the health visiting service: you may not look her child up",
        (
            "Look, since she is the mother and has a right to know",
            "Look, and give “worried about the child” as the reason",
            "Ask a colleague to look for you",
        ),
        (
            "You never look up relatives, whoever asks. A parent asks the service, or makes a "
            "request for the record."
        ),
    ),
    Question(
        "try-out",
        "You have just been given access and want to see how a record looks. Which child do you search for?",
        "A made-up child in the practice environment",
        (
            "Your own child, because you already know what the record says",
            "A child with a very common name",
            "A child you worked with years ago",
        ),
        "Trying the service on real children is misuse, your own children included.",
    ),
    Question(
        "reason",
        (
            "You want to open the record of a child in your class who has come in with a bruise. "
            "What is the reason?"
        ),
        "The true one: you are worried about the child’s safety or welfare",
        (
            "Whichever reason stands first in the list",
            "The same reason as last time, so that your log looks even",
            "None: a teacher needs no reason for a child of their own class",
        ),
        (
            "The reason is the true one each time. Always giving the same reason is one of the "
            "things that is noticed."
        ),
    ),
    Question(
        "no-match",
        "Your search finds nobody. What do you know now?",
        "Only that you were shown nobody: the child may be there and not for you to see",
        (
            "The child does not live in England",
            "The child has no record",
            "Nobody works with the child",
        ),
        "“No match” and “a match that you may not see” look the same, on purpose.",
    ),
    Question(
        "borrow",
        "A colleague’s access has lapsed and a meeting begins in five minutes. May they use your screen?",
        "No: whoever needs to know looks in their own name, or asks by mediated access",
        (
            "Yes, if you stay beside them",
            "Yes, if you give their case number as your reference",
            "Yes, for one child",
        ),
        "Everything is logged with your name, and you answer for it.",
    ),
    Question(
        "share",
        (
            "At the school gate another parent asks whether a boy has a social worker. You have his "
            "record open. What do you say?"
        ),
        "Nothing: what you find is shared only with those who need it for the same child",
        (
            "That he has one, but not who",
            "That you cannot say, but you would not worry",
            "The telephone number of the team, so that they can ask",
        ),
        "Even a hint tells it. What you find is for those who work with the same child.",
    ),
)
