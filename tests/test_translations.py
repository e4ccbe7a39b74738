"""English is complete: every message of the source is in the catalogue, none empty, none fuzzy, placeholders kept."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
SKIPPED = {"node_modules", ".venv", ".local", "tests", "bench"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# names of languages and of the city's own things stay as they are
UNTRANSLATED = {"简体中文"}


class Message(NamedTuple):
    id: str
    texts: tuple[str, ...]
    fuzzy: bool
    context: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """What the page asks for, with the number of its texts: one without its plural would stay Chinese."""
        return self.context, self.id, len(self.texts)


def unquote(block: str, field: str) -> str:
    match = re.search(rf'^{re.escape(field)} ((?:"(?:[^"\\]|\\.)*"\n?)+)', block, re.MULTILINE)
    if not match:
        return ""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match.group(1))).replace("\\n", "\n").replace('\\"', '"')


def messages(text: str) -> list[Message]:
    found = []
    for block in text.split("\n\n"):
        if "msgid " not in block or block.startswith("#~"):
            continue
        texts = [unquote(block, "msgstr")] if "\nmsgstr " in block else []
        texts += [unquote(block, f"msgstr[{n}]") for n in (0, 1) if f"\nmsgstr[{n}]" in block]
        message_id = unquote(block, "msgid")
        if message_id:
            fuzzy = re.search(r"^#,.*fuzzy", block, re.MULTILINE) is not None
            found.append(Message(message_id, tuple(texts), fuzzy, unquote(block, "msgctxt")))
    return found


def faults(message: Message) -> str:
    """What is wrong with a translation, or nothing."""
    if message.fuzzy:
        return "fuzzy"
    if not message.texts or not all(message.texts):
        return "empty"
    holders = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
    wanted = set(holders.findall(message.id))
    if any(set(holders.findall(text)) != wanted for text in message.texts[-1:]):
        return "other placeholders"
    # what somebody would type stays Chinese: "e.g. 西仓路 12 号门前"
    plain = [re.sub(r"e\.g\. .*", "", text) for text in message.texts]
    if message.id not in UNTRANSLATED and any(CHINESE.search(text) for text in plain):
        return "Chinese characters"
    return ""


def test_no_english_message_is_empty_fuzzy_or_broken() -> None:
    found = {m.id: fault for m in messages(CATALOGUE.read_text()) if (fault := faults(m))}
    assert not found


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (Message("派遣", ("Dispatch",), fuzzy=False), ""),
        (Message("派遣", ("",), fuzzy=False), "empty"),
        (Message("派遣", ("Dispatch",), fuzzy=True), "fuzzy"),
        (Message("共 %(n)s 件", ("cases",), fuzzy=False), "other placeholders"),
        (Message("派遣", ("派 it",), fuzzy=False), "Chinese characters"),
    ],
)
def test_the_check_sees_a_broken_message(message: Message, fault: str) -> None:
    assert faults(message) == fault


def test_every_message_of_the_source_is_in_the_catalogue(tmp_path: Path) -> None:
    """Collected anew from a copy of the source, so that a forgotten `makemessages` shows."""
    copy = tmp_path / "source"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*SKIPPED, ".*"), symlinks=True)
    shutil.rmtree(copy / "locale", ignore_errors=True)
    (copy / "locale").mkdir()
    command = [sys.executable, "manage.py", "makemessages", "-l", "en", "--no-location", "--no-wrap", "-v0"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    source = {m.key for m in messages((copy / "locale" / "en" / "LC_MESSAGES" / "django.po").read_text())}
    known = {m.key for m in messages(CATALOGUE.read_text())}
    assert len(source) > 100
    assert source - known == set()
    assert known - source == set()
