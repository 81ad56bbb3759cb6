"""Ways in which two words or dates are nearly alike, each as SQL and as a Python test that say the same.

SQL is over a column's two sides, ending in _l and _r.
"""

from rapidfuzz.distance import DamerauLevenshtein

from contactpoint.matching.romanised import are_forms


def are_slips(a: str, b: str, most: int) -> bool:
    return DamerauLevenshtein.distance(a, b, score_cutoff=most) <= most


def slips_sql(column: str, most: int) -> str:
    # The lengths first: they rule out most pairs, and the distance is dear.
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"abs(length({left}) - length({right})) <= {most} AND damerau_levenshtein({left}, {right}) <= {most}"
    )


def one_slip_sql(column: str) -> str:
    return f"least(length({column}_l), length({column}_r)) >= 3 AND {slips_sql(column, 1)}"


def one_slip_across_sql(left: str, right: str) -> str:
    """One slip between one side's column and the other side's other column."""
    lengths = f"length({left}_l), length({right}_r)"
    return (
        f"least({lengths}) >= 3 AND greatest({lengths}) - least({lengths}) <= 1 "
        f"AND damerau_levenshtein({left}_l, {right}_r) <= 1"
    )


def is_one_slip(a: str, b: str) -> bool:
    return len(a) >= 3 and len(b) >= 3 and are_slips(a, b, 1)


def misread_sql(column: str) -> str:
    left, right = f"{column}_l", f"{column}_r"
    differing = (
        f"list_filter(list_zip(string_split({left}, ''), string_split({right}, '')), "
        "lambda pair: pair[1] != pair[2])"
    )
    return (
        f"length({left}) = length({right}) AND len({differing}) * 2 <= length({left}) "
        f"AND len(list_distinct({differing})) = 1"
    )


def is_misread(a: str, b: str) -> bool:
    if len(a) != len(b):
        return False
    differing = [pair for pair in zip(a, b, strict=True) if pair[0] != pair[1]]
    return len(differing) * 2 <= len(a) and len(set(differing)) == 1


def is_compatible_given(a: str, b: str) -> bool:
    """Whether two given names may be one (SUP-7): equal, initial, another form, one slip, or one missing."""
    if not (a and b) or a == b or are_forms(a, b) or is_one_slip(a, b) or is_misread(a, b):
        return True
    return (len(a) == 1 or len(b) == 1) and a[0] == b[0]


def two_slips_sql(column: str) -> str:
    return f"least(length({column}_l), length({column}_r)) >= 6 AND {slips_sql(column, 2)}"


def is_two_slips(a: str, b: str) -> bool:
    return len(a) >= 6 and len(b) >= 6 and are_slips(a, b, 2)


def half_alike_sql(column: str) -> str:
    left, right = f"{column}_l", f"{column}_r"
    longest, shortest = (
        f"greatest(length({left}), length({right}))",
        f"least(length({left}), length({right}))",
    )
    return f"{shortest} * 2 >= {longest} AND damerau_levenshtein({left}, {right}) * 2 <= {longest}"


def is_half_alike(a: str, b: str) -> bool:
    most = max(len(a), len(b)) // 2
    return are_slips(a, b, most)


def begins_sql(column: str, least: int) -> str:
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"least(length({left}), length({right})) >= {least} "
        f"AND (starts_with({left}, {right}) OR starts_with({right}, {left}))"
    )


def is_beginning(a: str, b: str, least: int) -> bool:
    return len(a) >= least and len(b) >= least and (a.startswith(b) or b.startswith(a))


def same_parts(a: str, b: str) -> int:
    return (a[:4] == b[:4]) + (a[5:7] == b[5:7]) + (a[8:] == b[8:])


def is_day_month_swap(a: str, b: str) -> bool:
    return len(a) == 10 and len(b) == 10 and a[:4] == b[:4] and a[5:7] == b[8:] and a[8:] == b[5:7]
