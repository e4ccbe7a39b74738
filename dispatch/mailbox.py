"""What a reply by e-mail says: which case it is about, and which of its words are its own. Pure (P2.12, P2.19)."""

import re
from html.parser import HTMLParser

# a case number of ours: day and running number
_NUMBER = re.compile(r"(?<!\d)(20\d{6}-\d{6})(?!\d)")
# where the message that is answered begins
_QUOTED = re.compile(
    r"^\s*(?:-{2,}\s*(?:原始邮件|原邮件|Original Message|Forwarded message|转发邮件).*"
    r"|(?:On\s.{0,200}\swrote:|在\s?.{0,200}写道[:：]).*"
    r"|(?:发件人|From)\s*[:：].*)$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^-- ?$")
MOST = 20_000


def number_in(subject: str, words: str) -> str:
    """The number of the case that a message names: the subject's first one, else the text's; empty for none."""
    found = _NUMBER.search(subject) or _NUMBER.search(words)
    return found[1] if found else ""


def own_words(text: str) -> str:
    """What the sender wrote, without the message that they answered and without the signature below `--`."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if _QUOTED.match(line) or _SIGNATURE.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()[:MOST]


class _Words(HTMLParser):
    """Text of an HTML message; blocks begin a line, scripts and styles say nothing."""

    BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "hr"})
    SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent += tag in self.SILENT
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in self.SILENT))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def words_of_html(html: str) -> str:
    """The words of a message that came as HTML only."""
    reader = _Words()
    reader.feed(html)
    return "\n".join(line.strip() for line in "".join(reader.parts).split("\n"))
