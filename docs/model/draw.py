"""Draw what the committed model knows: one figure of the weights, one of the frequencies of names.

Run it after a new model: python docs/model/draw.py
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "contactpoint"  # the same model always gives the same bytes

import matplotlib.pyplot as plt  # noqa: E402 (after the backend is chosen)

from contactpoint.matching.model import Model  # noqa: E402

HERE = Path(__file__).parent
FOR, AGAINST = "#1d70b8", "#d4351c"


def draw_weights(model: Model) -> None:
    """A bar for each level: how many bits it speaks for or against one child."""
    rows = [
        (f"{comparison.words}: {level.words}", level.weight)
        for comparison in model.comparisons
        for level in comparison.levels
    ]
    figure, axes = plt.subplots(figsize=(9, 0.24 * len(rows) + 1))
    places = range(len(rows))
    axes.barh(
        places, [weight for _, weight in rows], color=[FOR if weight > 0 else AGAINST for _, weight in rows]
    )
    axes.set_yticks(places, [words for words, _ in rows], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel("weight in bits: above 0 speaks for one child, below 0 against")
    axes.set_title(f"Model {model.version}: the weight of each level")
    _save(figure, "weights.svg")


def draw_names(model: Model) -> None:
    """How much less a common name says than a rare one."""
    figure, axes = plt.subplots(figsize=(7, 4))
    for field, names in model.frequencies.items():
        shares = sorted(names.values(), reverse=True)
        axes.loglog(range(1, len(shares) + 1), shares, label=f"{field} name")
    axes.set_xlabel("rank of the name")
    axes.set_ylabel("share of rows")
    axes.set_title(f"Model {model.version}: frequencies frozen with the weights")
    axes.legend()
    _save(figure, "names.svg")


def _save(figure: plt.Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(HERE / name, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    model = Model.load()
    draw_weights(model)
    draw_names(model)
