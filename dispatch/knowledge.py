"""Articles of the knowledge base: the best for a text, drafts and publication."""

from dataclasses import dataclass
from datetime import date, datetime
from difflib import ndiff

from django.db import transaction
from django.db.models import F
from rapidfuzz import fuzz

from dispatch.masks import mask_text
from dispatch.models import Article, Case, Person, Remark
from dispatch.models.knowledge import grams
from dispatch.transitions import Action, State
from gridmap.normalise import key
from people.models import User

LEAST = 0.3
LOOKED_AT = 60


def differences(old: str, new: str) -> list[tuple[str, str]]:
    """Paragraphs of two versions, each kept (""), gone ("-") or new ("+"), in the order of reading. Pure."""
    lines = ndiff(old.splitlines(), new.splitlines())
    return [(line[0].strip(), line[2:]) for line in lines if line[0] in " +-"]


@dataclass(frozen=True)
class Match:
    """An article with its score from 0 to 1 and the words of it that stand in the text."""

    article: Article
    score: float
    words: list[str]


def matching(text: str, on: date, most: int = 3) -> list[Match]:
    """Articles that may answer a text, the best first; one indexed query."""
    said = key(text)
    if len(said) < 2:
        return []
    found = [_judge(article, said) for article in Article.objects.current(on).answers().about(text)[:LOOKED_AT]]
    return sorted((m for m in found if m.score >= LEAST), key=lambda m: (-m.score, m.article.pk))[:most]


def _judge(article: Article, said: str) -> Match:
    """Its own words count first, then how much of the title stands in the text."""
    words = [word for word in article.words if key(word) and key(word) in said]
    title = fuzz.partial_ratio(key(article.title), said) / 100.0
    longest = max((len(word) for word in words), default=0)
    return Match(article, round(min(0.6 * title + (0.3 if words else 0.0) + 0.05 * longest, 1.0), 3), words)


def told_by(case: Case) -> dict[str, str]:
    """What a case that has ended tells an article: its class, and the replies, without the names of its callers."""
    people = Person.objects.filter(reports__case=case).values_list("name", flat=True)
    replies = case.parts.exclude(reply="").filter(withdrawn_at=None).order_by("pk").values_list("reply", flat=True)
    said = list(replies)
    if case.state == State.ANSWERED:
        said += Remark.objects.filter(step__case=case, step__action=Action.ANSWER).values_list("text", flat=True)
    names = {name for name in people if name}
    title = f"{case.category.name} · {case.condition}" if case.category and case.condition else case.category or ""
    return {
        "title": str(title)[:120],
        "subject": case.category.major.name[:30] if case.category and case.category.major else "",
        "body": "\n\n".join(mask_text(text, names) for text in said),
    }


@transaction.atomic
def write(article: Article, *, by: User, at: datetime, old: Article | None = None) -> Article:
    """Keep a draft; one that revises an article takes its place when it is published."""
    article.written_by, article.written_at = by, at
    article.grams = grams(f"{article.title} {article.body} {' '.join(article.words)}")
    if old is not None:
        article.revises, article.version = old, old.version + 1
    article.save()
    return article


class AlreadyReplacedError(Exception):
    """Another new version was published meanwhile; nothing was changed."""


@transaction.atomic
def publish(article: Article, *, by: User, at: datetime) -> Article:
    """From now on it is offered; the version that it replaces is kept and no longer offered.

    Raises AlreadyReplacedError where the version that it revises is not the newest any more.
    """
    old = article.revises
    if old is not None:
        replaced = Article.objects.filter(pk=old.pk, replaced_by=None).update(replaced_by=article)
        if not replaced:
            raise AlreadyReplacedError
    article.published_by, article.published_at = by, at
    article.save(update_fields=["published_by", "published_at"])
    return article


def count_use(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(used=F("used") + 1)
