"""Names and spellings: numbers become names, common ones are common, slips never empty a name."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactpoint.synthetic.names import nicknames, origins
from contactpoint.synthetic.spelling import (
    break_postcode,
    shorten_street,
    sound_alike,
    to_ascii,
    transliterate,
    type_slip,
)


def test_shares_of_origins_add_up() -> None:
    assert sum(origin.share for origin in origins()) == pytest.approx(1.0)
    assert origins()[0].name == "british"


def test_more_draws_give_more_names_without_end() -> None:
    rng = np.random.default_rng(1)
    families = origins()[0].families
    few = len(np.unique(families.spell(families.draw(rng, 2_000)).astype(str)))
    many = len(np.unique(families.spell(families.draw(rng, 40_000)).astype(str)))
    assert few > 900
    assert many > 8 * few


@pytest.mark.parametrize("place", range(8))
def test_every_number_of_a_pool_has_a_name(place: int) -> None:
    origin = origins()[place]
    for pool in (origin.families, origin.girls, origin.boys):
        last = len(pool.listed) + pool.tail_ranks - 1
        words = pool.spell(np.array([0, len(pool.listed) - 1, len(pool.listed), last]))
        assert all(word and word[0].isupper() for word in words)
        assert words[0] == pool.listed[0]


def test_generated_names_rarely_repeat() -> None:
    families = origins()[0].families
    words = families.spell(np.arange(len(families.listed), len(families.listed) + 20_000))
    assert len(set(words)) > 19_000


def test_no_name_is_its_own_nickname() -> None:
    assert len(nicknames()) > 120
    assert all(name not in short for name, short in nicknames().items())


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz-' ÉŁçĄ", min_size=1, max_size=20), st.integers(0, 2**32))
def test_other_spellings_are_never_empty(name: str, seed: int) -> None:
    for change in (sound_alike, transliterate, type_slip):
        if len(name) > 1:
            assert change(name, random.Random(seed))
    assert to_ascii(name).isascii()


def test_addresses_and_postcodes_are_written_otherwise() -> None:
    chance = random.Random(1)
    assert shorten_street("12 Mill Road", chance) == "12 Mill Rd"
    assert {break_postcode("M1 1AE", chance) for _ in range(50)} >= {"M11AE", "m1 1ae"}
