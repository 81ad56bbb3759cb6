"""Gender as the record holds it, and how other systems write it (REC-2, IDN).

'Not specified' is a value; gender never disqualifies a match (SEA-7).
"""

from enum import StrEnum


class Gender(StrEnum):
    MALE = "M"
    FEMALE = "F"
    OTHER = "O"
    NOT_SPECIFIED = "U"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Gender.MALE: "Male",
    Gender.FEMALE: "Female",
    Gender.OTHER: "Other",
    Gender.NOT_SPECIFIED: "Not specified",
}

# NHS: 1, 2, 9 (not specified), X and 0 (not known). DfE: M, F, and in social care U (unknown), N (neither).
_WRITTEN = {
    Gender.MALE: "m male 1 boy man",
    Gender.FEMALE: "f female 2 girl woman",
    Gender.OTHER: "o other n neither indeterminate non-binary nonbinary",
    Gender.NOT_SPECIFIED: "u unknown 9 x 0 unspecified",
}
_READ = {word: gender for gender, words in _WRITTEN.items() for word in words.split()} | {
    "": Gender.NOT_SPECIFIED,
    "not known": Gender.NOT_SPECIFIED,
    "not specified": Gender.NOT_SPECIFIED,
    "not stated": Gender.NOT_SPECIFIED,
}


def parse_gender(text: str) -> Gender | None:
    """From FHIR, NHS or DfE codes or from words; blank is 'not specified'; None where it is no known code."""
    return _READ.get(text.strip().casefold())
