"""The model: weights, name frequencies, prior and thresholds, frozen as one version.

Owns the file format; both executors read the same object, so they cannot differ in what they know.
Frequencies are frozen with the weights: counted from a small batch they moved one weight from 14.6 to -1.5.
"""

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from contactpoint.errors import Invalid, NotFound
from contactpoint.matching.levels import COMPARISONS, Comparison

MODELS = Path(__file__).parent / "models"
DEFAULT_VERSION = "england-1"
FREQUENCY_FIELDS = ("given", "family")


class ModelNotFound(NotFound):
    """There is no model in the folder named."""


class UnusableModel(Invalid):
    """A model file does not fit this version of the program."""


@dataclass(frozen=True, slots=True)
class LevelWeights:
    """How often a level holds among pairs that are one child (m), and among pairs that are not (u)."""

    id: str
    words: str
    m: float
    u: float

    @property
    def weight(self) -> float:
        """The evidence of this level in bits, before any adjustment for a common or rare name."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class ComparisonWeights:
    """One field's levels from best to worst; level number n-1 down to 0, and -1 where a value is missing."""

    field: str
    words: str
    levels: tuple[LevelWeights, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability a match is linked, and from which a person is asked (SUP-7).

    `margin` is by how many bits the best candidate must be ahead of a second that could be linked too.
    """

    link: float = 0.95
    ask: float = 0.5
    margin: float = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All that deciding needs; compared by identity, so that what is computed from it can be kept."""

    version: str
    comparisons: tuple[ComparisonWeights, ...]
    frequencies: Mapping[str, Mapping[str, float]]
    """How common each frequent name is, by field; a name not in the table counts as `rare`."""
    rare: Mapping[str, float]
    prior: float
    """The probability that two rows picked at random are one child."""
    thresholds: Thresholds
    trained_on: str

    def frequency_of(self, field: str, name: str) -> float:
        """How common a folded name is taken to be."""
        return self.frequencies[field].get(name, self.rare[field])

    def with_prior(self, prior: float) -> "Model":
        """The same weights where another share of the pairs is expected to match."""
        return replace(self, prior=prior)

    @staticmethod
    def load(path: Path | None = None) -> "Model":
        """Read a model's folder; without one, the model that comes with the program (read once a process)."""
        return _default() if path is None else _read(path)

    def save(self, path: Path) -> None:
        """Write the model as a folder of text files; the same model always gives the same bytes."""
        path.mkdir(parents=True, exist_ok=True)
        content = {
            "version": self.version,
            "trained_on": self.trained_on,
            "prior": self.prior,
            "thresholds": asdict(self.thresholds),
            "rare": dict(self.rare),
            "comparisons": {
                comparison.field: {level.id: {"m": level.m, "u": level.u} for level in comparison.levels}
                for comparison in self.comparisons
            },
        }
        (path / "model.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        for field in FREQUENCY_FIELDS:
            _write_frequencies(path / f"{field}.csv", self.frequencies[field])


@cache
def _default() -> Model:
    return _read(MODELS / DEFAULT_VERSION)


def _read(folder: Path) -> Model:
    try:
        content = json.loads((folder / "model.json").read_text("utf-8"))
        frequencies = {field: _read_frequencies(folder / f"{field}.csv") for field in FREQUENCY_FIELDS}
    except FileNotFoundError as error:
        raise ModelNotFound(
            f"There is no matching model in {folder}: make one with `contactpoint model train`."
        ) from error
    return Model(
        version=content["version"],
        comparisons=tuple(_read_comparison(definition, content["comparisons"]) for definition in COMPARISONS),
        frequencies=MappingProxyType(frequencies),
        rare=MappingProxyType(content["rare"]),
        prior=content["prior"],
        thresholds=Thresholds(**content["thresholds"]),
        trained_on=content["trained_on"],
    )


def _read_comparison(
    definition: Comparison, content: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> ComparisonWeights:
    held = content.get(definition.field, {})
    if list(held) != [level.id for level in definition.levels]:
        raise UnusableModel(
            f"The model's levels for {definition.words} are not those of this program: train the model anew."
        )
    return ComparisonWeights(
        field=definition.field,
        words=definition.words,
        levels=tuple(
            LevelWeights(level.id, level.words, held[level.id]["m"], held[level.id]["u"])
            for level in definition.levels
        ),
    )


def _read_frequencies(path: Path) -> Mapping[str, float]:
    with path.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({name: float(share) for name, share in csv.reader(file)})


def _write_frequencies(path: Path, frequencies: Mapping[str, float]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            sorted(((name, repr(share)) for name, share in frequencies.items()))
        )
