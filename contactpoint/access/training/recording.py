"""What to record, and what not; reading aloud for somebody else (REC-3, INV-1, INV-2, SEN-2, ACC-6)."""

from contactpoint.access.training.records import Question

POINTS = (
    "ContactPoint says who works with a child and how to reach them. It never says why.",
    "Nothing of a case, of health, of an offence or of a judgement is ever recorded.",
    "You give your team’s telephone number and address, never your own.",
    "You confirm your involvements, and end them when the work ends: others rely on them.",
    (
        "A sensitive service is recorded by its own people, with consent, or where a child may come "
        "to serious harm."
    ),
    (
        "For somebody without a computer: you call back the number held for their organisation, "
        "they prove who they are by a code, and you read out only what they asked for."
    ),
)
QUESTIONS = (
    Question(
        "why",
        "You record that you work with a child. Where do you write why?",
        "Nowhere: ContactPoint never holds the reason for an involvement",
        (
            "In the field for your role",
            "Behind the name of your team",
            "In your own reference, in a few words",
        ),
        (
            "That somebody works with the child is recorded, and nothing of why. Your reference is a "
            "case number, no note."
        ),
    ),
    Question(
        "own-number",
        "Which telephone number do you give for yourself?",
        "Your team’s or office’s, where somebody answers when you are away",
        (
            "Your own mobile, since you are quickest there",
            "The child’s parent’s",
            "None, because your name is enough",
        ),
        "Personal numbers are never recorded, and a leaver must not break the way to the team.",
    ),
    Question(
        "ended",
        "You closed a case in spring and it still stands among your involvements. What do you do?",
        "Record that it has ended, with the date: it stays as history for a year",
        (
            "Leave it, in case the family comes back",
            "Take it back, so that nobody sees it",
            "Wait until somebody rings",
        ),
        "Taking back is for what was never true. What is over has ended.",
    ),
    Question(
        "consent",
        (
            "You work for a young people’s substance use service. When may you record that you work "
            "with a girl of 15?"
        ),
        "With her informed consent, or where she may come to serious harm",
        (
            "Always, because other services have to know",
            "Once her parents agree, whatever she says",
            "Never",
        ),
        "A child who understands enough decides. Without consent only the risk of serious harm is a ground.",
    ),
    Question(
        "call-back",
        (
            "Somebody rings, says she is a midwife without a computer, and gives you a number to "
            "call back. Which number do you call?"
        ),
        "The one that ContactPoint holds for her organisation",
        (
            "The one that she gave you",
            "The one that your telephone shows",
            "None, if she knows the child’s date of birth",
        ),
        "Anybody can give a number, and many know a date of birth.",
    ),
    Question(
        "read-aloud",
        (
            "She asks who the child’s social worker is. The record also shows a new address. What do "
            "you read out?"
        ),
        "The social worker and how to reach them, and nothing else",
        (
            "The whole record, so that she need not ring again",
            "The social worker and the address, since she will need it",
            "The address first, to see whether it is the right child",
        ),
        "Only what was asked is read out, and both of you are in the log.",
    ),
)
