"""`contactpoint synth` at the console."""

from pathlib import Path

from click.testing import CliRunner

from contactpoint.errors import Invalid
from contactpoint.jobs.commands.synth import command


def test_it_writes_and_says_what(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--children", "30", "--seed", "2", "--out", str(tmp_path)])
    assert result.exit_code == 0
    assert "Made up 30 children" in result.output
    assert (tmp_path / "births.csv").exists()


def test_no_children_is_a_mistake_of_use(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, ["--children", "0", "--out", str(tmp_path)]).exit_code == 2


def test_too_many_children_is_refused_in_words(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--children", "99000000", "--out", str(tmp_path)])
    assert isinstance(result.exception, Invalid)
