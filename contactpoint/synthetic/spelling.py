"""How people and systems write a name otherwise than it is: slips, sounds, transliterations, lost accents.

Each function takes one text and a source of chance and returns another spelling, never empty.
"""

import random
import re
from functools import cache

from anyascii import anyascii

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm",
    "k": "jil", "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn",
    "n": "bhjm", "m": "njk",
}  # fmt: skip

# Spellings that sound alike in English.
_SOUNDS = tuple(
    pair.split(":")
    for pair in [
        "ph:f",
        "ck:k",
        "ie:y",
        "ey:y",
        "y:ie",
        "ll:l",
        "l:ll",
        "tt:t",
        "nn:n",
        "n:nn",
        "ss:s",
        "s:z",
        "z:s",
        "ou:u",
        "ee:ea",
        "ea:ee",
        "c:k",
        "k:c",
        "ai:ay",
        "ay:ai",
        "mac:mc",
        "mc:mac",
        "son:sen",
        "sen:son",
        "th:t",
        "au:or",
        "or:aw",
        "igh:y",
        "oo:u",
        "gh:g",
        "w:wh",
        "wh:w",
        "rr:r",
        "r:rr",
        "e:i",
        "i:e",
    ]
)
# Ways to write in Latin letters a name from another script.
_SCRIPTS = tuple(
    pair.split(":")
    for pair in [
        "ee:i",
        "i:ee",
        "oo:u",
        "u:oo",
        "ou:u",
        "aa:a",
        "kh:k",
        "q:k",
        "k:q",
        "w:v",
        "v:w",
        "sh:ch",
        "y:i",
        "ah:a",
        "a:ah",
        "mm:m",
        "m:mm",
        "ss:s",
        "dh:d",
        "zh:z",
        "ai:ay",
        "ei:ai",
        "iy:y",
        "th:t",
        "gh:g",
        "h:",
        "j:dj",
        "dj:j",
        "e:i",
        "o:u",
        "c:ts",
        "uddin:oddin",
        "ur:ar",
        "abd:abdu",
        "el-:al-",
        "al-:el-",
        "ski:sky",
        "y:yy",
    ]
)


@cache
def to_ascii(text: str) -> str:
    """Without accents, as many older systems keep it."""
    return text if text.isascii() else anyascii(text)


def type_slip(text: str, chance: random.Random) -> str:
    """One slip of the fingers: a wrong letter, one left out, one too many, or two swapped."""
    if not text:
        return text
    place = chance.randrange(len(text))
    letter = text[place]
    kind = chance.random()
    if kind < 0.35 or len(text) < 3:
        return text[:place] + _like(letter, _wrong(letter, chance)) + text[place + 1 :]
    if kind < 0.60:
        return text[:place] + text[place + 1 :]
    if kind < 0.80:
        return text[:place] + letter + _like(letter, _wrong(letter, chance)) + text[place + 1 :]
    place = min(place, len(text) - 2)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def sound_alike(text: str, chance: random.Random) -> str:
    """Written as heard; a slip of the fingers where nothing sounds alike."""
    return _replace_one(text, _SOUNDS, chance) or type_slip(text, chance)


def transliterate(text: str, chance: random.Random) -> str:
    """Another way into Latin letters; a slip of the fingers where there is none."""
    return _replace_one(text, _SCRIPTS, chance) or type_slip(text, chance)


def shorten_street(address: str, chance: random.Random) -> str:
    """'12 Mill Road' as '12 Mill Rd'; flats and house numbers written another way."""
    for long, short in (
        ("Road", "Rd"),
        ("Street", "St"),
        ("Avenue", "Ave"),
        ("Close", "Cl"),
        ("Drive", "Dr"),
    ):
        if address.endswith(long):
            return address[: -len(long)] + short
    if address.startswith("Flat ") and chance.random() < 0.5:
        return address.replace("Flat ", "Apartment ", 1)
    return address.upper()


def break_postcode(postcode: str, chance: random.Random) -> str:
    """A postcode typed without its gap, in small letters, or with one character wrong."""
    kind = chance.random()
    if kind < 0.4:
        return postcode.replace(" ", "")
    if kind < 0.6:
        return postcode.lower()
    place = len(postcode) - 1 - chance.randrange(2)
    return postcode[:place] + chance.choice("ABDEFGHJLNPQRSTUWXYZ") + postcode[place + 1 :]


def _replace_one(text: str, pairs: tuple[list[str], ...], chance: random.Random) -> str:
    lowered = text.lower()
    possible = [(old, new) for old, new in pairs if old in lowered]
    if not possible:
        return ""
    old, new = chance.choice(possible)
    changed = re.sub(re.escape(old), new, text, count=1, flags=re.IGNORECASE)
    return changed[:1].upper() + changed[1:] if text[:1].isupper() else changed


def _wrong(letter: str, chance: random.Random) -> str:
    return chance.choice(_NEIGHBOURS.get(letter.lower(), "aeiou"))


def _like(letter: str, other: str) -> str:
    return other.upper() if letter.isupper() else other
