"""Files hold no trace of the machine that they were written on, and pages need nothing from outside."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# addresses of our own machine, of namespaces and of standards are not fetched
HARMLESS = re.compile(
    r"https?://(127\.0\.0\.1|localhost|www\.w3\.org/|\{|%|\$|example\.(org|com))|xmlns|//# sourceMappingURL"
)
EXTERNAL = re.compile(
    r"""(?:src|href|url|action|import|from|fetch)\s*[=(:]?\s*\(?["']?(?:https?:)?//[\w.-]+\.[a-z]{2,}""", re.I
)
MACHINE = re.compile(r"pypi\.or[g]|pythonhoste[d]|registry\.npmj[s]|deb\.debian\.or[g]|resolved\"")


def ours(*suffixes: str) -> list[Path]:
    """Files of the project, without what set-up makes and what hides behind a dot."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in {"node_modules", "__pycache__", ".venv", ".local", ".git"}]
        folders[:] = [f for f in folders if not f.endswith("_cache")]
        found += [Path(folder) / name for name in names if name.endswith(suffixes) and name != ".env"]
    return found


def external_links(text: str) -> list[str]:
    return [m.group(0) for line in text.splitlines() for m in EXTERNAL.finditer(line) if not HARMLESS.search(line)]


def test_templates_styles_and_scripts_name_nothing_external() -> None:
    found = {
        str(p.relative_to(ROOT)): links
        for p in ours(".html", ".css", ".js", ".svg")
        if (links := external_links(p.read_text()))
    }
    assert not found


def test_the_check_sees_an_external_link() -> None:
    assert external_links('<script src="https://cdn.example.net/x.js">')
    assert external_links("@import url(//fonts.googleapis.com/css)")
    assert not external_links('<svg xmlns="http://www.w3.org/2000/svg">')


def test_no_file_names_a_registry() -> None:
    files = [p for p in ours("") if p.suffix not in {".png", ".jpg", ".mo"} and p != Path(__file__).resolve()]
    found = [str(p.relative_to(ROOT)) for p in files if MACHINE.search(p.read_text(errors="ignore"))]
    assert not found


def test_every_dependency_says_why_it_is_there() -> None:
    for name in ("requirements.in", "requirements-dev.in"):
        lines = [x for x in (ROOT / name).read_text().splitlines() if x and not x.startswith(("#", "-"))]
        assert lines
        for line in lines:
            assert re.search(r"\s#\s\w", line), line


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_dependencies_are_pinned_with_hashes(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())
    pins = [b for b in blocks if re.match(r"[a-z0-9]", b)]
    assert pins
    for block in pins:
        assert re.match(r"[\w.\-\[\]]+==\S+", block), block[:60]
        assert "--hash=sha256:" in block, block[:60]
