"""Runs `python3 -m setup COMMAND …` for the scripts in bin/."""

import io
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 — this is what runs before anybody has checked
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Debian 12 has it as python3.")

from .commands import run

if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 gets question marks, not a failure
sys.exit(run(Path(__file__).resolve().parents[2], sys.argv[1:]))
