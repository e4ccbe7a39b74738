"""The caller's own page: progress of one report, by its key and without a login."""

from datetime import timedelta
from uuid import uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.progressfile import Progress, find_by_number, find_report, plain_number, plain_phone, read_progress
from desks.publicpages import show
from desks.stepforms import YES_NO
from dispatch.actions.closing import answer_on_web
from dispatch.lifecycle import Doing, StaleStepError
from dispatch.models import Report
from dispatch.models.contact import Satisfaction
from dispatch.transitions import IllegalStep
from people.access import public
from people.knocks import Door, address_of, knock

# a number is easily guessed and so is a phone: both together are tried a few times only, from anywhere
FROM_ADDRESS = Door("progress address", 20, timedelta(minutes=10))
FOR_NUMBER = Door("progress number", 10, timedelta(hours=1))
FOR_PHONE = Door("progress phone", 10, timedelta(hours=1))
CHOOSE = {"required": gettext_lazy("请选择。")}


class FindForm(forms.Form):
    """What leads to the own progress page when the link is lost."""

    number = forms.CharField(
        label=gettext_lazy("编号"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=gettext_lazy("诉求编号或案件编号，例如 S20261118-000012。"),
        error_messages={"required": gettext_lazy("请填写编号。")},
    )
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("反映时留下的号码。"),
        error_messages={"required": gettext_lazy("请填写电话。")},
    )


@public
def find_progress(request: HttpRequest) -> HttpResponse:
    """By number and phone to the progress page; whichever of the two is wrong, the answer is the same."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.method != "POST":
        return show(request, "desks/find_progress.html", {"form": FindForm()})
    form = FindForm(request.POST)
    if not form.is_valid():
        return show(request, "desks/find_progress.html", {"form": form}, 422, personal=True)
    number, phone = plain_number(form.cleaned_data["number"]), plain_phone(form.cleaned_data["phone"])
    tries = [(FROM_ADDRESS, address_of(request)), (FOR_NUMBER, number), (FOR_PHONE, phone)]
    if not knock(tries, timezone.now()):
        context = {"form": form, "sentence": _("查询得太频繁，请过一会儿再试，或拨打热线电话询问。")}
        return show(request, "desks/find_progress.html", context, 429, personal=True)
    report = find_by_number(number, phone)
    if report is None:
        context = {"form": form, "sentence": _("没有找到：请核对编号，和反映时留下的电话。")}
        return show(request, "desks/find_progress.html", context, 422, personal=True)
    return redirect("desks:progress", key=report.query_key)


class AnswerForm(forms.Form):
    """How the caller finds the result; words are compulsory when they do not."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    solved = forms.ChoiceField(
        label=gettext_lazy("问题解决了吗？"), choices=YES_NO, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("您对办理结果满意吗？"),
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    words = forms.CharField(
        label=gettext_lazy("您想说的话"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    def clean(self) -> None:
        given = self.cleaned_data
        unhappy = given.get("solved") == "no" or given.get("satisfaction") == Satisfaction.DISSATISFIED
        if unhappy and not given.get("words", "").strip():
            self.add_error("words", _("没有解决或不满意时，请写明原因，以便我们改进。"))


@public
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """Steps in public words; after closing the caller may say once how satisfied they are."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    report = find_report(key)
    if report is None:
        raise Http404
    if request.method == "POST":
        return _answer(request, report)
    return _page(request, read_progress(report), AnswerForm(initial={"operation": uuid4()}))


def _answer(request: HttpRequest, report: Report) -> HttpResponse:
    found, form = read_progress(report), AnswerForm(request.POST)
    if not found.may_answer or report.case is None:
        return _page(request, found, None, 409, _("这件诉求现在不能评价，可能已经评价过或正在重新办理。"))
    if not form.is_valid():
        return _page(request, found, form, 422)
    given = form.cleaned_data
    doing = Doing(
        by=None,
        at=timezone.now(),
        version=report.case.version,
        operation=given["operation"],
        note=given["words"],
    )
    told = {"satisfaction": given["satisfaction"], "solved": given["solved"] == "yes"}
    try:
        answer_on_web(report.case, doing, report=report, **told)
    except (StaleStepError, IllegalStep):
        return _page(request, found, form, 409, _("案件刚刚有了新的进展，请重新提交一次。"))
    return redirect("desks:progress", key=report.query_key)


def _page(
    request: HttpRequest, found: Progress, form: AnswerForm | None, status: int = 200, sentence: str = ""
) -> HttpResponse:
    context = {"progress": found, "form": form if found.may_answer else None, "sentence": sentence}
    # the address is the key: no search engine keeps it and no proxy stores the page; the referrer policy of the house
    # gives it to no other site (a stricter one would take the Origin from the form, and Django would refuse it)
    return show(request, "desks/progress.html", context, status, personal=True)
