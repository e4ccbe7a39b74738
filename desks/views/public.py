"""网上诉求: a citizen or an enterprise writes without a login; urgent help is asked for with its reason (P3.9)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.paperforms import PHOTOS
from desks.stepforms import ManyPhotos, PhotosField
from dispatch.evidence import BadPhotoError, Photo, attach, store
from dispatch.intake import Caller, Intake, register
from dispatch.models import Case, Channel, Person, Report
from dispatch.models.report import RequestType
from dispatch.reasons import UrgentReason
from dispatch.unattended import placed
from people.access import public

MOST_PHOTOS = 3
# a person who writes more often within the hour is asked to telephone
MOST_AN_HOUR = 5


class PublicForm(forms.Form):
    """What is asked of a visitor; the trap is a field that no person sees."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))
    kind = forms.ChoiceField(
        label=gettext_lazy("您是"), choices=Person.Kind.choices, initial=Person.Kind.RESIDENT, widget=forms.RadioSelect
    )
    company = forms.CharField(label=gettext_lazy("企业名称"), max_length=80, required=False)
    name = forms.CharField(label=gettext_lazy("怎样称呼您"), max_length=40, required=False)
    phone = forms.RegexField(
        r"^[0-9+() -]{7,20}$",
        label=gettext_lazy("电话"),
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("用于核实和回访；不留电话就无法回复您。"),
        error_messages={"invalid": gettext_lazy("请填写正确的电话号码。")},
    )
    request_type = forms.ChoiceField(
        label=gettext_lazy("诉求类型"), choices=RequestType.choices, initial=RequestType.COMPLAINT
    )
    text = forms.CharField(
        label=gettext_lazy("发生了什么"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("请写明地点：哪条路、哪个小区、门牌号或附近的店铺。"),
    )
    address = forms.CharField(label=gettext_lazy("地址"), max_length=300, required=False)
    photos = PhotosField(label=gettext_lazy("照片"), required=False, widget=ManyPhotos(PHOTOS))
    urgent = forms.BooleanField(label=gettext_lazy("情况紧急，需要马上处理"), required=False)
    urgent_code = forms.ChoiceField(
        label=gettext_lazy("紧急理由"), choices=[("", gettext_lazy("请选择")), *UrgentReason.choices], required=False
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data, files, initial={"operation": uuid4()})
        for name in ("company", "urgent_code"):
            self.fields[name].needed = True  # type: ignore[attr-defined]  # the label says nothing of "optional"

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("没有提交，请重试。"))
        return ""

    def _stored(self) -> list[Photo]:
        """The photos, encoded again; kept only where everything else is right, so that nobody fills the disk."""
        files = self.cleaned_data.get("photos") or []
        if len(files) > MOST_PHOTOS:
            self.add_error("photos", _("最多 3 张照片。"))
            return []
        try:
            return [Photo(store(file, at=timezone.now())) for file in files]
        except BadPhotoError as error:
            self.add_error("photos", str(error))
            return []

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("kind") == Person.Kind.ENTERPRISE and not given.get("company", "").strip():
            self.add_error("company", _("企业诉求请填写企业名称。"))
        if given.get("urgent"):
            if not given.get("urgent_code"):
                self.add_error("urgent_code", _("请选择紧急理由。"))
            if not given.get("phone"):
                self.add_error("phone", _("紧急求助请留下电话，我们会马上联系您。"))
        phone = given.get("phone", "")
        hour = timezone.now() - timedelta(hours=1)
        if phone and Report.objects.filter(person__phone=phone, received_at__gte=hour).count() >= MOST_AN_HOUR:
            self.add_error("phone", _("这个号码一小时内提交得太多，请拨打热线电话。"))
        if not self.errors:
            given["photos"] = self._stored()

    def intake(self, channel: Channel) -> Intake:
        given = self.cleaned_data
        caller = Caller(
            name=given["name"],
            phone=given["phone"],
            kind=given["kind"],
            company=given["company"] if given["kind"] == Person.Kind.ENTERPRISE else "",
            anonymous=not (given["name"] or given["phone"] or given["company"]),
            wants_callback=bool(given["phone"]),
        )
        return Intake(
            given["text"],
            channel=channel,
            caller=caller,
            address=given["address"],
            request_type=given["request_type"],
            urgent=given["urgent"],
            urgent_code=given["urgent_code"] if given["urgent"] else "",
        )


@public
def ask_online(request: HttpRequest) -> HttpResponse:
    """The form of this place's website channel; 404 where it has none."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    channel = Channel.objects.in_use(timezone.localdate()).filter(kind=Channel.Kind.WEBSITE).first()
    if channel is None:
        raise Http404
    if request.method != "POST":
        return _page(request, {"form": PublicForm()})
    form = PublicForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"form": form}, 422)
    case = _register(form, channel)
    report = case.reports.order_by("pk").first()
    return _page(request, {"report": report, "urgent": case.urgent})


@transaction.atomic
def _register(form: PublicForm, channel: Channel) -> Case:
    """The report with its photos; the same press twice makes one."""
    at = timezone.now()
    case = register(placed(form.intake(channel), at), by=None, at=at, operation=form.cleaned_data["operation"])
    first = case.steps.order_by("version")[0]
    if not case.attachments.exists():
        attach(first, case, form.cleaned_data["photos"], "reported")
    return case


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "desks/ask_online.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
