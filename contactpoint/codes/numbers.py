"""Numbers that other bodies give to a child or an address: NHS number, UPN, ULN, UPRN (IDN).

Owns their form and check digits, one at a time and for whole polars columns.
Never looks anything up, and never says who may see a number (ACC-9 lives in access).

`stdnum.gb.nhs` is right on every example; `stdnum.gb.upn` has the right check letter but refuses
authorities made since 2011 (839, 940...), so only its check letter is used.
"""

import re

import polars as pl
from stdnum.gb import nhs, upn

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

_SEPARATORS = re.compile(r"[\s\-‐-―]+")
_UPN_FORM = re.compile(rf"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]")
_ULN_FORM = re.compile(r"[1-9][0-9]{9}")
_ULN_PLACEHOLDER = "9999999999"
_POLARS_SEPARATORS = r"[\s\-‐-―]+"


def parse_nhs_number(text: str) -> str | None:
    """Ten digits, or None. A row of one digit (4444444444) passes modulus 11 but is always a placeholder."""
    number = _SEPARATORS.sub("", text)
    if not (number.isascii() and nhs.is_valid(number)) or len(set(number)) == 1:
        return None
    return number


def format_nhs_number(number: str) -> str:
    """As the NHS shows it: 943 476 5919."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def nhs_check_digit(first_nine: str) -> str | None:
    """The tenth digit, or None where the nine digits can never be an NHS number (check 10)."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), first_nine, strict=True))
    check = (11 - total % 11) % 11
    return None if check == 10 else str(check)


def parse_upn(text: str) -> str | None:
    """Thirteen characters, or None. A letter at the end marks a temporary number."""
    number = _SEPARATORS.sub("", text).upper()
    if not _UPN_FORM.fullmatch(number) or upn.calc_check_digit(number[1:]) != number[0]:
        return None
    return number


def upn_check_letter(twelve: str) -> str:
    """The first letter of a UPN whose other twelve characters are these."""
    return str(upn.calc_check_digit(twelve))


def parse_uln(text: str) -> str | None:
    """Ten digits, or None. 9999999999 means 'no number yet' and is not one."""
    number = _SEPARATORS.sub("", text)
    if not _ULN_FORM.fullmatch(number) or number == _ULN_PLACEHOLDER:
        return None
    remainder = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), number, strict=False)) % 11
    if remainder == 0 or 10 - remainder != int(number[9]):
        return None
    return number


def parse_uprn(text: str) -> str | None:
    """Up to twelve digits without leading zeros, or None."""
    number = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"[0-9]{1,12}", number):
        return None
    return number.lstrip("0") or None


def clean_number(expr: pl.Expr) -> pl.Expr:
    """Without spaces and hyphens, in capitals: the stored form of a number, valid or not."""
    return expr.str.replace_all(_POLARS_SEPARATORS, "").str.to_uppercase()


def valid_nhs_number(expr: pl.Expr) -> pl.Expr:
    """True where `parse_nhs_number` would return a number; null stays null."""
    text = clean_number(expr)
    number = pl.when(text.str.contains(r"^[0-9]{10}$")).then(text).cast(pl.Int64)
    total = pl.lit(0, dtype=pl.Int64)
    for place, weight in enumerate(range(10, 1, -1)):
        total = total + number // 10 ** (9 - place) % 10 * weight
    one_digit = number % 1_111_111_111 == 0
    valid = (number % 10 == (11 - total % 11) % 11) & ~one_digit
    return pl.when(expr.is_not_null()).then(valid.fill_null(False))


def valid_upn(expr: pl.Expr) -> pl.Expr:
    """True where `parse_upn` would return a number; null stays null."""
    text = clean_number(expr)
    text = pl.when(text.str.contains(rf"^(?:{_UPN_FORM.pattern})$")).then(text)
    letters = list(UPN_LETTERS)
    index = list(range(len(letters)))
    digits = text.str.slice(1, 11).cast(pl.Int64)
    total = pl.lit(0, dtype=pl.Int64)
    for place in range(11):
        total = total + digits // 10 ** (10 - place) % 10 * (place + 2)
    last = text.str.slice(12, 1).replace_strict(
        letters + [str(digit) for digit in range(10)], index + list(range(10)), return_dtype=pl.Int64
    )
    first = text.str.slice(0, 1).replace_strict(letters, index, return_dtype=pl.Int64)
    valid = first == (total + last * 13) % 23
    return pl.when(expr.is_not_null()).then(valid.fill_null(False))
