"""What is hidden and why: shields, sensitive services, and how to reach somebody all the same (SHI, SEN)."""

from contactpoint.access.training.records import Question

POINTS = (
    "A record is shielded when somebody could do serious harm if they knew where the child is.",
    "A shielded record shows a name, gender and date of birth, and nothing by which the child can be found.",
    "You can ask to pass a message. You do not try to find out the rest, here or anywhere else.",
    "You never tell anybody that a record is shielded: knowing it may be enough to begin a search.",
    (
        "Sensitive services are for sexual health, mental health and substance use. At most one line "
        "says that one is involved."
    ),
    "Contact with a sensitive service is asked for. It is given only if the service says yes.",
)
QUESTIONS = (
    Question(
        "shield-school",
        "A record is shielded and you need to speak to the child’s school. What do you do?",
        "Ask on the record to pass a message",
        (
            "Search by old addresses until you find the school",
            "Ring the schools nearby and ask",
            "Ask the father, who is likely to know",
        ),
        (
            "The message reaches the team that looks after the shield, and they decide. Each of the "
            "others can lead somebody to the child."
        ),
    ),
    Question(
        "shield-father",
        (
            "A father rings: he was told his daughter’s record “cannot be opened”. He asks whether "
            "it is shielded. What do you say?"
        ),
        "That you cannot discuss any child’s record on the telephone",
        (
            "That it is, but you do not know why",
            "That it is not, to calm him",
            "The name of the authority, so that he can ask there",
        ),
        "Neither yes nor no. Who must not find a child must not learn that there is something to find.",
    ),
    Question(
        "new-address",
        (
            "A mother in a refuge gives you her new address and begs you to keep it safe. The record "
            "is not shielded. What first?"
        ),
        "Request a shield before anything about the new address is recorded",
        (
            "Record the address at once, so that services can find her",
            "Put “do not share” behind the address",
            "Wait until her case conference",
        ),
        (
            "What is recorded on an open record is seen. A request for a shield takes effect before "
            "the decision if it is urgent."
        ),
    ),
    Question(
        "sensitive-line",
        "A record says that a sensitive service is involved. What may you conclude?",
        "That you can ask for contact; not which service it is, nor why",
        (
            "That the child has a mental illness",
            "That the parents use drugs",
            "That you should ring each such service in the town",
        ),
        "The line says that there is somebody to ask for, and no more.",
    ),
    Question(
        "sensitive-no",
        "You asked for contact with a sensitive service and it declined. What now?",
        "You go on without it: it may have reasons that it cannot tell",
        (
            "You ask the child who they see",
            "You ask again each day",
            "You look at who in your town offers such a service, and ring",
        ),
        (
            "Contact is given only if the service says yes. If you think a child is in danger, act "
            "on that as always."
        ),
    ),
    Question(
        "break-glass",
        "You may open shielded records in an emergency. When do you?",
        (
            "When a child would come to harm before anybody else could answer, knowing that each "
            "time is investigated"
        ),
        (
            "When the record is needed for a meeting tomorrow",
            "When you know the family well",
            "Whenever passing a message is too slow for you",
        ),
        "It is for danger now. Somebody else looks into every time.",
    ),
)
