"""Where the made-up families live: authorities by population, postcodes, streets and towns.

Towns and outward codes are real; everything after them is made up.
An address is four numbers until it is written: district, unit, house and flat.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from contactpoint.codes.authorities import Authority, current_authorities, districts
from contactpoint.synthetic.names import origins

Ints = npt.NDArray[np.int64]

UNITS = 800  # postcodes in a district: about as many as there are
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_FLATS = 0.13
_LOCALITIES = 0.35

# Where families from abroad and their children live more often; the rest of England less often.
_MIXED_CITIES = frozenset(
    [
        "330",
        "331",
        "333",
        "335",
        "336",
        "350",
        "352",
        "353",
        "354",
        "355",
        "372",
        "373",
        "380",
        "382",
        "383",
        "391",
        "801",
        "806",
        "821",
        "822",
        "826",
        "831",
        "851",
        "852",
        "856",
        "870",
        "871",
        "874",
        "883",
        "888",
        "889",
        "892",
        "894",
        "941",
    ]
)
_OTHERS_IN_LONDON, _OTHERS_IN_CITIES, _OTHERS_ELSEWHERE = 2.3, 1.6, 0.55

_STREET_NAMES = """
High Church Station Park Victoria Queen King Albert George School Mill Manor Chapel West North South East
New London Green Grange Kings Queens York Windsor Springfield Highfield Alexandra Stanley Clarence
Richmond Grove Chester Oxford Cambridge Warwick Lincoln Durham Derby Bath Wellington Nelson Churchill
Gladstone Salisbury Beech Oak Elm Ash Cedar Cherry Chestnut Birch Hawthorn Holly Hazel Laburnum Lime
Maple Poplar Rowan Sycamore Willow Woodland Meadow Orchard Rectory Vicarage Abbey Priory Castle Tower
Bridge River Brook Spring Well Hill Mount Valley Heath Moor Common Field Farm Barn Stable Forge Foundry
Canal Wharf Quarry Colliery Railway Market Mercer Weaver Tanner Cooper Saddler Falcon Heron Kestrel
Kingfisher Lark Linnet Nightingale Robin Skylark Swallow Swift Wren Badger Fox Otter Primrose Bluebell
Foxglove Heather Lavender Marigold Buttercup Clover Bramble Fern Ivy Juniper Jasmine Saxon Roman Norman
Tudor Stuart Balmoral Sandringham Osborne Hampton Arundel Berkeley Burlington Carlton Clifton Devonshire
Grosvenor Marlborough
"""
_STREET_TYPES = """
Road Street Avenue Close Lane Drive Way Crescent Gardens Grove Place Court Terrace Walk Rise View
"""
_LOCALITY_STARTS = ["Upper", "Lower", "Great", "Little", "North", "South", "East", "West", "New", "Old"]
_LOCALITY_ENDS = """
Heath Green Common End Park Hill Fields Bank Moor Wood Cross Mead Vale Side
"""


@dataclass(frozen=True, slots=True)
class Geography:
    """England as arrays: `first` and `count` say which districts belong to an authority."""

    authorities: tuple[Authority, ...]
    weights: npt.NDArray[np.float64]  # cumulative
    origin_weights: npt.NDArray[np.float64]  # cumulative, a row an authority
    outward: pl.Series
    town: pl.Series
    authority_of: Ints
    first: Ints
    count: Ints


@dataclass(frozen=True, slots=True)
class Homes:
    """Addresses as numbers; `write_homes` makes words of them."""

    district: Ints
    unit: Ints
    house: Ints
    flat: Ints

    def __getitem__(self, chosen: npt.NDArray[np.generic]) -> "Homes":
        return Homes(self.district[chosen], self.unit[chosen], self.house[chosen], self.flat[chosen])


def read_geography(on: date) -> Geography:
    """Today's England from the code lists."""
    authorities = current_authorities(on)
    index = {each.code: place for place, each in enumerate(authorities)}
    known = sorted(districts().values(), key=lambda each: (index[each.authority], each.outward))
    authority_of = np.array([index[each.authority] for each in known])
    children = np.array([each.children for each in authorities], dtype=float)
    return Geography(
        authorities=tuple(authorities),
        weights=np.cumsum(children / children.sum()),
        origin_weights=_origin_weights(authorities, children),
        outward=pl.Series([each.outward for each in known]),
        town=pl.Series([each.town for each in known]),
        authority_of=authority_of,
        first=np.searchsorted(authority_of, np.arange(len(authorities))).astype(np.int64),
        count=np.bincount(authority_of, minlength=len(authorities)).astype(np.int64),
    )


def _origin_weights(
    authorities: list[Authority], children: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    shares = np.array([each.share for each in origins()])
    lift = np.array(
        [
            _OTHERS_IN_LONDON
            if each.region == "London"
            else _OTHERS_IN_CITIES
            if each.code in _MIXED_CITIES
            else _OTHERS_ELSEWHERE
            for each in authorities
        ]
    )
    lift = lift / np.average(lift, weights=children)  # so that the whole country has the stated shares
    weights = shares[None, 1:] * lift[:, None]
    british = 1 - weights.sum(axis=1, keepdims=True)
    return np.asarray(np.cumsum(np.hstack([british, weights]), axis=1))


def draw_homes(geography: Geography, rng: np.random.Generator, authority: Ints) -> Homes:
    """A home in each of these authorities."""
    count = len(authority)
    district = geography.first[authority] + (rng.random(count) * geography.count[authority]).astype(np.int64)
    house = 1 + np.minimum(rng.exponential(38, count), 240).astype(np.int64)
    flat = np.where(rng.random(count) < _FLATS, rng.integers(1, 40, count), 0)
    return Homes(district, rng.integers(0, UNITS, count), house, flat)


def draw_authorities(geography: Geography, rng: np.random.Generator, count: int) -> Ints:
    """Authorities in proportion to the children who live there."""
    drawn = np.searchsorted(geography.weights, rng.random(count), side="right")
    return np.minimum(drawn, len(geography.authorities) - 1).astype(np.int64)


def write_homes(geography: Geography, homes: Homes) -> pl.DataFrame:
    """Columns address, locality, town and postcode. One postcode has one street."""
    unit_key = homes.district * UNITS + homes.unit
    streets = _streets()
    frame = pl.DataFrame(
        {
            "street": streets.gather(unit_key * 7_919 % len(streets)),
            "house": homes.house,
            "flat": homes.flat,
            "named": unit_key * 104_729 % 1_000 < _LOCALITIES * 1_000,
            "place": _localities().gather(homes.district * 31 % len(_localities())),
            "town": geography.town.gather(homes.district),
            "outward": geography.outward.gather(homes.district),
            "inward": _inwards().gather(homes.unit),
        }
    )
    line = pl.format("{} {}", "house", "street")
    return frame.select(
        address=pl.when(pl.col("flat") > 0).then(pl.format("Flat {}, {}", "flat", line)).otherwise(line),
        locality=pl.when("named").then("place").otherwise(pl.lit("")),
        town="town",
        postcode=pl.format("{} {}", "outward", "inward"),
    )


def _streets() -> pl.Series:
    return pl.Series([f"{name} {kind}" for kind in _STREET_TYPES.split() for name in _STREET_NAMES.split()])


def _localities() -> pl.Series:
    return pl.Series([f"{start} {end}" for start in _LOCALITY_STARTS for end in _LOCALITY_ENDS.split()])


def _inwards() -> pl.Series:
    return pl.Series(
        [f"{1 + unit % 9}{_LETTERS[unit // 9 % 20]}{_LETTERS[unit * 7 % 19]}" for unit in range(UNITS)]
    )
