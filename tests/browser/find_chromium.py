"""Finds Chromium for the browser tests; installs Debian's where it is missing and it may; else says how.

Prints the path. `CONTACTPOINT_CHROMIUM` names another browser of the family.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
HOW = (
    "The browser tests need Chromium and there is none.\n"
    "Debian or Ubuntu: sudo apt-get install chromium. Elsewhere: install Chromium or Chrome and set\n"
    "CONTACTPOINT_CHROMIUM to its path. Without it: .venv/bin/pytest -m 'not browser' runs all the rest."
)


def find_chromium() -> str | None:
    """The path of a browser on this machine, or None."""
    given = os.environ.get("CONTACTPOINT_CHROMIUM")
    if given:
        return given if shutil.which(given) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install_chromium() -> None:
    """Debian's package, where we are root and apt is there."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    sys.stderr.write("Installing Debian's chromium for the browser tests\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.stderr.write(done.stderr[-2000:])
            return


def main() -> int:
    if find_chromium() is None:
        install_chromium()
    found = find_chromium()
    if found is None:
        sys.stderr.write(f"{HOW}\n")
        return 1
    sys.stdout.write(f"The browser tests use {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
