"""How two rows can agree, field by field.

Each level is here once, as SQL for Splink and as a test for the single scorer.
Owns the definitions and their words; the weights live in a model file.
Only Levenshtein's kin is used: DuckDB and Spark agree on it, and not on Jaro-Winkler.
Words never contain a value (SUP-8).

Within a comparison the first level that holds counts.
Postcode and address are one comparison, because they say nearly the same thing;
so are a swapped given and family name, which count once, under the given name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contactpoint.matching.likeness import (
    are_slips,
    begins_sql,
    half_alike_sql,
    is_beginning,
    is_day_month_swap,
    is_half_alike,
    is_misread,
    is_one_slip,
    is_two_slips,
    misread_sql,
    one_slip_across_sql,
    one_slip_sql,
    same_parts,
    slips_sql,
    two_slips_sql,
)
from contactpoint.matching.prepared import Prepared

Test = Callable[[Prepared, Prepared], bool]


@dataclass(frozen=True, slots=True)
class Level:
    """One way to agree: `sql` over columns ending in _l and _r, and `test`, say the same."""

    id: str
    words: str
    sql: str
    test: Test
    frequencies: bool = False
    """Whether the weight depends on how common the shared name is."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field: when it says nothing, and its levels from best to worst; the last always holds."""

    field: str
    words: str
    missing_sql: str
    missing: Test
    levels: tuple[Level, ...]


def _otherwise(field: str) -> Level:
    return Level(f"{field}.different", "different", "ELSE", lambda a, b: True)


def _is_in_other_box(given: str, other: Prepared) -> bool:
    return given == other.family or is_one_slip(given, other.family) or given in other.family_parts


def _is_swapped(a: Prepared, b: Prepared) -> bool:
    """Each given name stands in the other's box for family names, and neither name is in its own."""
    if not (a.given and a.family and b.given and b.family) or a.given == b.given or a.family == b.family:
        return False
    return _is_in_other_box(a.given, b) and _is_in_other_box(b.given, a)


def _is_close_home(a: Prepared, b: Prepared) -> bool:
    if a.postcode and b.postcode and not are_slips(a.postcode, b.postcode, 1):
        return False
    return not (a.address and b.address) or are_slips(a.address, b.address, 2)


_SWAPPED_SQL = (
    "given_l != given_r AND family_l != family_r "
    f"AND (given_l = family_r OR ({one_slip_across_sql('given', 'family')}) "
    "OR list_contains(family_parts_r, given_l)) "
    f"AND (family_l = given_r OR ({one_slip_across_sql('family', 'given')}) "
    "OR list_contains(family_parts_l, given_r))"
)

GIVEN = Comparison(
    "given",
    "given name",
    "given_l IS NULL OR given_r IS NULL",
    lambda a, b: not (a.given and b.given),
    (
        Level(
            "given.exact", "the same", "given_l = given_r", lambda a, b: a.given == b.given, frequencies=True
        ),
        Level(
            "given.nickname",
            "a nickname or another form",
            "list_has_any(given_groups_l, given_groups_r)",
            lambda a, b: not a.given_groups.isdisjoint(b.given_groups),
        ),
        Level(
            "given.initial",
            "an initial",
            "least(length(given_l), length(given_r)) = 1 AND substr(given_l, 1, 1) = substr(given_r, 1, 1)",
            lambda a, b: (len(a.given) == 1 or len(b.given) == 1) and a.given[0] == b.given[0],
        ),
        Level(
            "given.slip",
            "one letter different",
            one_slip_sql("given"),
            lambda a, b: is_one_slip(a.given, b.given),
        ),
        Level(
            "given.misread",
            "one letter written as another throughout",
            misread_sql("given"),
            lambda a, b: is_misread(a.given, b.given),
        ),
        Level(
            "given.short",
            "one is the beginning of the other",
            begins_sql("given", 3),
            lambda a, b: is_beginning(a.given, b.given, 3),
        ),
        Level(
            "given.middle",
            "the same as a middle name",
            "list_contains(middle_parts_r, given_l) OR list_contains(middle_parts_l, given_r)",
            lambda a, b: a.given in b.middle_parts or b.given in a.middle_parts,
        ),
        Level("given.swapped", "given and family name swapped", _SWAPPED_SQL, _is_swapped),
        Level(
            "given.two_slips",
            "two letters different",
            two_slips_sql("given"),
            lambda a, b: is_two_slips(a.given, b.given),
        ),
        Level(
            "given.half",
            "half the letters alike",
            half_alike_sql("given"),
            lambda a, b: is_half_alike(a.given, b.given),
        ),
        _otherwise("given"),
    ),
)

MIDDLE = Comparison(
    "middle",
    "middle names",
    "middle_l IS NULL OR middle_r IS NULL",
    lambda a, b: not (a.middle and b.middle),
    (
        Level("middle.exact", "the same", "middle_l = middle_r", lambda a, b: a.middle == b.middle),
        Level(
            "middle.short",
            "an initial, or one is the beginning of the other",
            begins_sql("middle", 1),
            lambda a, b: is_beginning(a.middle, b.middle, 1),
        ),
        Level(
            "middle.slip",
            "one letter different",
            one_slip_sql("middle"),
            lambda a, b: is_one_slip(a.middle, b.middle),
        ),
        Level(
            "middle.shared",
            "one in common",
            "list_has_any(middle_parts_l, middle_parts_r)",
            lambda a, b: not set(a.middle_parts).isdisjoint(b.middle_parts),
        ),
        _otherwise("middle"),
    ),
)

FAMILY = Comparison(
    "family",
    "family name",
    f"family_l IS NULL OR family_r IS NULL OR ({_SWAPPED_SQL})",
    lambda a, b: not (a.family and b.family) or _is_swapped(a, b),
    (
        Level(
            "family.exact",
            "the same",
            "family_l = family_r",
            lambda a, b: a.family == b.family,
            frequencies=True,
        ),
        Level(
            "family.former",
            "the same as a former one",
            "family_l = former_r OR former_l = family_r OR former_l = former_r",
            lambda a, b: (
                a.family == b.former or a.former == b.family or (bool(a.former) and a.former == b.former)
            ),
        ),
        Level(
            "family.slip",
            "one letter different",
            one_slip_sql("family"),
            lambda a, b: is_one_slip(a.family, b.family),
        ),
        Level(
            "family.misread",
            "one letter written as another throughout",
            misread_sql("family"),
            lambda a, b: is_misread(a.family, b.family),
        ),
        Level(
            "family.part",
            "one part in common",
            "list_has_any(family_parts_l, family_parts_r)",
            lambda a, b: not a.family_parts.isdisjoint(b.family_parts),
        ),
        Level(
            "family.short",
            "one is the beginning of the other",
            begins_sql("family", 4),
            lambda a, b: is_beginning(a.family, b.family, 4),
        ),
        Level(
            "family.two_slips",
            "two letters different",
            two_slips_sql("family"),
            lambda a, b: is_two_slips(a.family, b.family),
        ),
        Level(
            "family.half",
            "half the letters alike",
            half_alike_sql("family"),
            lambda a, b: is_half_alike(a.family, b.family),
        ),
        _otherwise("family"),
    ),
)

BIRTH = Comparison(
    "birth",
    "date of birth",
    "birth_l IS NULL OR birth_r IS NULL",
    lambda a, b: not (a.birth and b.birth),
    (
        Level(
            "birth.exact",
            "the same",
            "birth_l = birth_r AND length(birth_l) = 10",
            lambda a, b: a.birth == b.birth and len(a.birth) == 10,
        ),
        Level(
            "birth.partial",
            "the same as far as it is known",
            "starts_with(birth_l, birth_r) OR starts_with(birth_r, birth_l)",
            lambda a, b: a.birth.startswith(b.birth) or b.birth.startswith(a.birth),
        ),
        Level(
            "birth.swapped",
            "day and month swapped",
            "length(birth_l) = 10 AND length(birth_r) = 10 AND substr(birth_l, 1, 4) = substr(birth_r, 1, 4) "
            "AND substr(birth_l, 6, 2) = substr(birth_r, 9, 2) "
            "AND substr(birth_l, 9, 2) = substr(birth_r, 6, 2)",
            lambda a, b: is_day_month_swap(a.birth, b.birth),
        ),
        Level(
            "birth.slip",
            "one figure different",
            "length(birth_l) = length(birth_r) AND damerau_levenshtein(birth_l, birth_r) <= 1",
            lambda a, b: len(a.birth) == len(b.birth) and are_slips(a.birth, b.birth, 1),
        ),
        Level(
            "birth.near",
            "three days apart at most",
            "abs(birth_number_l - birth_number_r) <= 3",
            lambda a, b: (
                a.birth_number is not None
                and b.birth_number is not None
                and abs(a.birth_number - b.birth_number) <= 3
            ),
        ),
        Level(
            "birth.two_parts",
            "two of day, month and year the same",
            "length(birth_l) = 10 AND length(birth_r) = 10 AND "
            "CAST(substr(birth_l, 1, 4) = substr(birth_r, 1, 4) AS INTEGER) "
            "+ CAST(substr(birth_l, 6, 2) = substr(birth_r, 6, 2) AS INTEGER) "
            "+ CAST(substr(birth_l, 9, 2) = substr(birth_r, 9, 2) AS INTEGER) >= 2",
            lambda a, b: len(a.birth) == 10 and len(b.birth) == 10 and same_parts(a.birth, b.birth) >= 2,
        ),
        Level(
            "birth.year",
            "only the year the same",
            "substr(birth_l, 1, 4) = substr(birth_r, 1, 4)",
            lambda a, b: a.birth[:4] == b.birth[:4],
        ),
        _otherwise("birth"),
    ),
)

HOME = Comparison(
    "home",
    "address",
    "(postcode_l IS NULL OR postcode_r IS NULL) AND (address_l IS NULL OR address_r IS NULL)",
    lambda a, b: not (a.postcode and b.postcode) and not (a.address and b.address),
    (
        Level(
            "home.exact",
            "first line and postcode the same",
            "postcode_l = postcode_r AND address_l = address_r",
            lambda a, b: (
                bool(a.postcode and a.address) and a.postcode == b.postcode and a.address == b.address
            ),
        ),
        Level(
            "home.line_slip",
            "postcode the same, first line nearly",
            f"postcode_l = postcode_r AND {slips_sql('address', 2)}",
            lambda a, b: (
                bool(a.postcode and a.address and b.address)
                and a.postcode == b.postcode
                and are_slips(a.address, b.address, 2)
            ),
        ),
        Level(
            "home.postcode_slip",
            "first line the same, postcode one letter different",
            f"address_l = address_r AND {slips_sql('postcode', 1)}",
            lambda a, b: (
                bool(a.address and a.postcode and b.postcode)
                and a.address == b.address
                and are_slips(a.postcode, b.postcode, 1)
            ),
        ),
        Level(
            "home.postcode",
            "postcode the same, first line not known",
            "postcode_l = postcode_r AND (address_l IS NULL OR address_r IS NULL)",
            lambda a, b: bool(a.postcode) and a.postcode == b.postcode and not (a.address and b.address),
        ),
        Level(
            "home.line",
            "first line the same, postcode not known",
            "address_l = address_r AND (postcode_l IS NULL OR postcode_r IS NULL)",
            lambda a, b: bool(a.address) and a.address == b.address and not (a.postcode and b.postcode),
        ),
        Level(
            "home.neighbour",
            "postcode the same, first line different",
            "postcode_l = postcode_r",
            lambda a, b: bool(a.postcode) and a.postcode == b.postcode,
        ),
        Level(
            "home.close",
            "nearly the same",
            f"(({slips_sql('postcode', 1)}) OR postcode_l IS NULL OR postcode_r IS NULL) "
            f"AND (({slips_sql('address', 2)}) OR address_l IS NULL OR address_r IS NULL)",
            _is_close_home,
        ),
        Level(
            "home.area",
            "first half of the postcode the same",
            "outward_l = outward_r",
            lambda a, b: bool(a.outward) and a.outward == b.outward,
        ),
        _otherwise("home"),
    ),
)

GENDER = Comparison(
    "gender",
    "gender",
    "gender_l IS NULL OR gender_r IS NULL",
    lambda a, b: not (a.gender and b.gender),
    (
        Level("gender.exact", "the same", "gender_l = gender_r", lambda a, b: a.gender == b.gender),
        _otherwise("gender"),
    ),
)

NHS = Comparison(
    "nhs",
    "NHS number",
    "nhs_l IS NULL OR nhs_r IS NULL",
    lambda a, b: not (a.nhs and b.nhs),
    (
        Level("nhs.exact", "the same", "nhs_l = nhs_r", lambda a, b: a.nhs == b.nhs),
        Level(
            "nhs.slip",
            "one figure different",
            slips_sql("nhs", 1),
            lambda a, b: are_slips(a.nhs, b.nhs, 1),
        ),
        _otherwise("nhs"),
    ),
)

UPN = Comparison(
    "upn",
    "pupil number",
    "upn_l IS NULL OR upn_r IS NULL",
    lambda a, b: not (a.upn and b.upn),
    (
        Level("upn.exact", "the same", "upn_l = upn_r", lambda a, b: a.upn == b.upn),
        Level(
            "upn.slip",
            "one character different",
            slips_sql("upn", 1),
            lambda a, b: are_slips(a.upn, b.upn, 1),
        ),
        _otherwise("upn"),
    ),
)

COMPARISONS: tuple[Comparison, ...] = (GIVEN, MIDDLE, FAMILY, BIRTH, HOME, GENDER, NHS, UPN)
