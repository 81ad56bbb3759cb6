"""`contactpoint link` as an analyst runs it: a process of its own, on a machine without a database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.feeds import AMY, write_file

PROJECT = Path(__file__).resolve().parents[2]
SHUT = "postgresql://nobody:nothing@127.0.0.1:1/none"  # nothing listens there


def link(folder: Path, a: Path, b: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from contactpoint.jobs.cli import main; main()", "link", str(a), str(b)]
    command += ["--profile-a", "ess-list-a", "--profile-b", "ess-list-b", "--out", str(folder / "out.csv")]
    environment = {**os.environ, "CONTACTPOINT_DATA": str(folder / "data"), "DATABASE_URL": SHUT}
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_two_files_are_linked_without_a_database(tmp_path: Path) -> None:
    a = write_file(tmp_path / "a.csv", [AMY])
    b = write_file(tmp_path / "b.csv", [{**AMY, "ref": "B1"}])
    done = link(tmp_path, a, b)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == "ref_a,ref_b,probability,decision"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (bytes(range(256)) * 20, "is binary"),
        (b"ref,pername1\nA1,AMY\n", "lacks the columns"),
        ("ref,pername1\nA1,BJ\u00d6RN\n".encode("latin-1"), "not UTF-8"),
    ],
    ids=["empty", "binary", "other columns", "other encoding"],
)
def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    wrong = tmp_path / "a.csv"
    wrong.write_bytes(content)
    done = link(tmp_path, wrong, write_file(tmp_path / "b.csv", [AMY]))
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    assert not (tmp_path / "out.csv").exists()
