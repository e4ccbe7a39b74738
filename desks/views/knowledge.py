"""The knowledge base: read and searched by the centre, written as drafts, published by another seat."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch import knowledge
from dispatch.models import Article, Case
from dispatch.models.knowledge import grams
from dispatch.transitions import ENDED
from people.access import allow, current_user, of_agencies, roles_of, scope_of
from people.models import User
from people.permissions import Role, may

PAGE = 40


class ArticleForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """An article; its policy is compulsory, and keywords are separated by blanks."""

    words = forms.CharField(label=gettext_lazy("关键词"), required=False, help_text=gettext_lazy("用空格隔开。"))

    class Meta:
        model = Article
        fields = [
            *("title", "shown_at", "subject", "body", "words", "policy", "policy_number", "issued_by", "issued_on"),
            *("policy_text", "policy_link", "valid_from", "valid_to"),
        ]
        widgets = {
            "body": forms.Textarea({"rows": 8}),
            "policy_text": forms.Textarea({"rows": 4}),
            "issued_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "valid_from": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "valid_to": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, department: bool = False, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        if department:  # rules of work are the centre's
            del self.fields["shown_at"]
            return
        self.fields["shown_at"].choices = [("", _("答复口径，不是规程")), *Article.Place.choices]  # type: ignore[attr-defined]
        self.fields["shown_at"].help_text = _("工作规程选它显示的页面；不对来电人答复。")

    def clean_words(self) -> list[str]:
        words = re.split(r"[\s,，、;；]+", self.cleaned_data["words"].strip())
        if any(len(word) > 20 for word in words) or len(words) > 20:
            raise forms.ValidationError(_("最多 20 个关键词，每个不超过 20 个字。"))
        return [word for word in words if word]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("valid_from"), given.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("失效日期不能早于生效日期。"))
        if not given.get("shown_at") and not given.get("policy"):
            self.add_error("policy", _("答复口径须写明依据文件。"))
        return given


@allow(GET="knowledge")
def articles(request: HttpRequest) -> HttpResponse:
    """Articles in force and drafts, found by words, of one subject or of all."""
    words, subject = request.GET.get("q", "").strip()[:60], request.GET.get("subject", "")[:30]
    seen = Article.objects.visible_to(current_user(request)).filter(replaced_by=None)
    rows = seen.select_related("written_by", "published_by", "agency")
    if subject:
        rows = rows.filter(subject=subject)
    if grams(words):
        rows = rows.filter(grams__contains=grams(words)).order_by("-used", "title")
    elif words:
        rows = rows.filter(title__contains=words)
    every = seen.exclude(subject="").order_by("subject")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "q": words,
        "subject": subject,
        "subjects": list(every.values_list("subject", flat=True).distinct()),
        "today": timezone.localdate(),
    }
    return render(request, "desks/articles.html", context | _rights(request))


@allow(GET="knowledge")
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """One article with the versions before it."""
    user = current_user(request)
    rows = Article.objects.visible_to(user).select_related("written_by", "published_by", "agency", "case")
    found = get_object_or_404(rows, pk=article_id)
    older = _older(found)
    before = older[0] if older else found.revises
    context = {
        "article": found,
        "older": older,
        "changes": knowledge.differences(before.body, found.body) if before else [],
    }
    rights = _rights(request)
    rights["may_write"] = rights["may_write"] and _may_edit(found, user)
    rights["sees_case"] = found.case_id is not None and Case.objects.visible_to(user).filter(pk=found.case_id).exists()
    return render(request, "desks/article.html", context | rights)


def _may_edit(found: Article, user: User) -> bool:
    """A department changes its own only."""
    scope = scope_of(user)
    if scope.roles - {Role.HANDLER}:
        return True
    return found.agency_id is not None and Article.objects.filter(of_agencies(scope), pk=found.pk).exists()


def _older(found: Article) -> list[Article]:
    older: list[Article] = []
    one: Article | None = getattr(found, "replaces", None)
    while one is not None and len(older) < 20:
        older.append(one)
        one = getattr(one, "replaces", None)
    return older


def _rights(request: HttpRequest) -> dict[str, Any]:
    roles = roles_of(request)
    return {"may_write": may(roles, "knowledge.write"), "may_publish": may(roles, "knowledge.publish")}


@allow(GET="knowledge.write", POST="knowledge.write")
def write(request: HttpRequest, article_id: int | None = None) -> HttpResponse:
    """A new draft, or a new version of an article."""
    user = current_user(request)
    old = get_object_or_404(Article.objects.visible_to(user), pk=article_id) if article_id else None
    if old is not None and not _may_edit(old, user):
        raise PermissionDenied
    department = not roles_of(request) - {Role.HANDLER}
    case = _case(request, user) if old is None else old.case
    first: dict[str, Any] = {"valid_from": timezone.localdate()}
    if old is not None:
        first = {name: getattr(old, name) for name in ArticleForm.Meta.fields} | {"words": " ".join(old.words)}
    elif case is not None:
        first |= knowledge.told_by(case)
    form = ArticleForm(request.POST or None, initial=first, department=department)
    if request.method == "POST" and form.is_valid():
        draft = old is not None and old.published_at is None
        target = form.save(commit=False)
        if draft and old is not None:  # the same draft, written again
            target.pk, target.version, target.revises = old.pk, old.version, old.revises
        target.case = case
        target.agency = old.agency if old is not None else scope_of(user).agencies[0] if department else None
        saved = knowledge.write(target, by=user, at=timezone.now(), old=None if draft else old)
        messages.success(request, _("草稿已保存，由他人发布后启用。"))
        return redirect("desks:article", article_id=saved.pk)
    status = 422 if form.is_bound else 200
    return render(request, "desks/article_form.html", {"form": form, "old": old, "case": case}, status=status)


def _case(request: HttpRequest, user: User) -> Case | None:
    """The ended case that a new article is written from."""
    number = request.GET.get("case", "")[:30]
    seen = Case.objects.visible_to(user).filter(state__in=ENDED, confidential=False)
    return seen.select_related("category__major", "condition").filter(number=number).first() if number else None


@allow(POST="knowledge.publish")
def publish(request: HttpRequest, article_id: int) -> HttpResponse:
    """Publish a draft that somebody else has written."""
    found = get_object_or_404(Article, pk=article_id)
    user = current_user(request)
    if found.published_at is not None:
        raise Http404
    if found.written_by_id == user.pk:
        messages.error(request, _("编写和发布须由两个人完成，请由另一位发布。"))
        return redirect("desks:article", article_id=article_id)
    try:
        knowledge.publish(found, by=user, at=timezone.now())
    except knowledge.AlreadyReplacedError:
        messages.error(request, _("它要替代的版本已经有了更新的版本，请在最新版本上修改。"))
    else:
        messages.success(request, _("已发布。"))
    return redirect("desks:article", article_id=article_id)
