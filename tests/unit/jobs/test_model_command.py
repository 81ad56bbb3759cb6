"""`contactpoint model`: what it shows, and what it refuses to learn from."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from contactpoint.jobs.commands.model import command
from contactpoint.matching.model import DEFAULT_VERSION, ModelNotFound
from contactpoint.matching.train import NothingToTrainOn


def test_show_tells_version_thresholds_and_weights() -> None:
    shown = CliRunner().invoke(command, ["show"], catch_exceptions=False, terminal_width=200)
    assert shown.exit_code == 0
    for words in (DEFAULT_VERSION, "Link from 0.95", "date of birth", "NHS number", "SMITH"):
        assert words in shown.output


def test_a_folder_that_is_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        CliRunner().invoke(command, ["show", str(tmp_path)], catch_exceptions=False)


def test_one_supplier_is_not_enough_to_train_on(tmp_path: Path) -> None:
    header = (
        "CB_REF,CHILD_FORENAMES,CHILD_SURNAME,CHILD_DOB,CHILD_SEX,ADDR_LINE_1,ADDR_LINE_2,POST_TOWN,POSTCODE,"
    )
    header += "CLAIMANT_FORENAME,CLAIMANT_SURNAME,CLAIMANT_RELATIONSHIP,CLAIMANT_TEL"
    row = "CB1,ANNA,NOWAK,01/05/2014,F,1 HIGH STREET,,LEEDS,LS1 1AA,EWA,NOWAK,MOTHER,07700 900111"
    (tmp_path / "child_benefit.csv").write_text(f"{header}\n{row}\n")
    (tmp_path / "notes.csv").write_text("no profile has this name\n")
    with pytest.raises(NothingToTrainOn):
        CliRunner().invoke(
            command,
            ["train", "--data", str(tmp_path), "--out", str(tmp_path / "out")],
            catch_exceptions=False,
        )
    assert not (tmp_path / "out").exists()
