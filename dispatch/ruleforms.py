"""What is asked of a routing rule, and of a question to try."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.ruling import Made, latest_version
from dispatch.models import Channel, RoutingRule
from dispatch.models.report import RequestType
from dispatch.rulewords import WEEKDAY
from dispatch.windows import MONTHS, BadWindowError, parse_hours
from gridmap.models import Area, Category, Component
from people.models import Agency, User

ANY = gettext_lazy("不限")
PARTNERS = ("partner_1", "partner_2", "partner_3", "partner_4")
ALIKE = (
    "category", "channel", "request_type", "hours", "by_owner", "agency", "level", "fallback", "valid_to", "note",
)  # fmt: skip
LAST = ("begins", "valid_to", "reason", "note")
BAD_NUMBER = gettext_lazy("编号只能用字母、数字和连字符。")
BAD_DATE = {"invalid": gettext_lazy("请填写日期，例如 2026-12-01。")}


class KindIterator(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]  # not generic when it runs
    """Classes under their kinds: component, event and matter each begin with a 01 of their own."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        ordered = self.queryset.order_by("dictionary", "kind", "code")
        for kind, found in groupby(ordered, key=lambda category: category.get_kind_display()):
            yield kind, [self.choice(category) for category in found]


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A class of the dictionaries in force."""

    iterator = KindIterator


def day_input() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def _area_choices() -> list[tuple[str, str]]:
    """The whole city, then every area under its parents."""
    rows = Area.objects.exclude(level=Area.Level.CITY).order_by("code").values_list("code", "name", "level")
    indent = {"district": "", "subdistrict": "\u3000", "community": "\u3000\u3000"}
    return [("", _("全市")), *((code, f"{indent[level]}{name}") for code, name, level in rows)]


class EndForm(forms.Form):
    """The day from which a rule no longer holds, and why."""

    known_version = forms.IntegerField(widget=forms.HiddenInput)
    begins = forms.DateField(label=gettext_lazy("从哪天起停用"), widget=day_input(), error_messages=BAD_DATE)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_begins(self) -> date:
        given: date = self.cleaned_data["begins"]
        if given < self.today:
            raise forms.ValidationError(_("不能早于今天：已经给出的答案不再改变。"))
        return given

    def made(self, by: User, at: datetime) -> Made:
        return Made(by, at, self.today, self.cleaned_data["begins"], self.cleaned_data["reason"])


class RuleForm(EndForm):
    """Conditions, agencies, validity and reason of a rule or of its next version."""

    number = forms.RegexField(
        r"^[A-Za-z0-9-]{1,20}$", label=gettext_lazy("规则编号"), error_messages={"invalid": BAD_NUMBER}
    )
    category = CategoryField(Category.objects.none(), label=gettext_lazy("类别"), required=False, empty_label=ANY)
    area_code = forms.ChoiceField(label=gettext_lazy("区域"), required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=gettext_lazy("来源渠道"), required=False, empty_label=ANY
    )
    request_type = forms.ChoiceField(
        label=gettext_lazy("诉求类型"), required=False, choices=[("", ANY), *RequestType.choices]
    )
    hours = forms.CharField(
        label=gettext_lazy("时段"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("如 18:00-06:00，可填几段，用逗号隔开；不填为全天。"),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("星期"),
        required=False,
        coerce=int,
        choices=list(WEEKDAY.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    months = forms.TypedMultipleChoiceField(
        label=gettext_lazy("月份"),
        required=False,
        coerce=int,
        choices=[(month, str(month)) for month in MONTHS],
        widget=forms.CheckboxSelectMultiple,
    )
    by_owner = forms.BooleanField(label=gettext_lazy("由部件的养护、权属或主管单位处置"), required=False)
    agency = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("主办单位"), required=False, empty_label="—"
    )
    partner_1 = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("协同单位一"), required=False, empty_label="—"
    )
    partner_2 = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("协同单位二"), required=False, empty_label="—"
    )
    partner_3 = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("协同单位三"), required=False, empty_label="—"
    )
    partner_4 = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("协同单位四"), required=False, empty_label="—"
    )
    level = forms.ChoiceField(
        label=gettext_lazy("先在哪一级处置"), required=False, choices=[("", ANY), *Area.Level.choices]
    )
    fallback = forms.BooleanField(label=gettext_lazy("属地兜底：没有更具体的规则时才用"), required=False)
    valid_to = forms.DateField(
        label=gettext_lazy("最后一天"), required=False, widget=day_input(), error_messages=BAD_DATE
    )
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)

    def __init__(self, *args: Any, rule: RoutingRule | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.rule = rule
        self.fields["begins"].label = _("生效日期")
        agencies = Agency.objects.active(self.today).listed()
        for name in ("agency", *PARTNERS):
            self.fields[name].queryset = agencies  # type: ignore[attr-defined]
        self.fields["category"].queryset = Category.objects.on(self.today)  # type: ignore[attr-defined]
        self.fields["channel"].queryset = Channel.objects.open_on(self.today)  # type: ignore[attr-defined]
        self.fields["area_code"].choices = _area_choices()  # type: ignore[attr-defined]
        self.order_fields([*(name for name in self.fields if name not in LAST), *LAST])
        if rule is not None:
            self.fields["number"].widget = forms.HiddenInput()

    @staticmethod
    def first_values(rule: RoutingRule) -> dict[str, Any]:
        """What the next version of a rule begins with."""
        values: dict[str, Any] = {name: getattr(rule, name) for name in ALIKE}
        values |= {"number": rule.number, "known_version": latest_version(rule.number), "area_code": rule.area_code}
        values |= {"weekdays": rule.weekdays, "months": rule.months}
        partners = [row.agency_id for row in rule.partner_rows.order_by("position")]
        return values | dict(zip(PARTNERS, partners, strict=False))

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if self.rule is None and latest_version(number):
            raise forms.ValidationError(_("编号 %(number)s 已经用过，请换一个。") % {"number": number})
        return number if self.rule is None else self.rule.number

    def clean_hours(self) -> str:
        text: str = self.cleaned_data["hours"].strip()
        try:
            parse_hours(text)
        except BadWindowError as error:
            raise forms.ValidationError(_("看不懂时段“%(part)s”，请写成 18:00-06:00。") % {"part": error}) from error
        return text

    def clean(self) -> None:
        given = self.cleaned_data
        if bool(given.get("agency")) == bool(given.get("by_owner")) and "agency" not in self.errors:
            self.add_error("agency", _("请指定主办单位，或选择由部件的责任单位处置，二者只能取一。"))
        named = [agency for agency in self.partners() if agency]
        if len({agency.pk for agency in named}) < len(named) or given.get("agency") in named:
            self.add_error("partner_1", _("同一个单位只能出现一次。"))
        first, last = given.get("begins"), given.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("最后一天不能早于生效日期。"))

    def partners(self) -> list[Agency]:
        return [agency for name in PARTNERS if (agency := self.cleaned_data.get(name))]

    def values(self) -> dict[str, Any]:
        """Columns of the rule."""
        given = self.cleaned_data
        return {name: given[name] for name in (*ALIKE, "area_code", "weekdays", "months")}


class TryForm(forms.Form):
    """A question to try: what a case would say."""

    category = CategoryField(Category.objects.none(), label=gettext_lazy("类别"), empty_label=gettext_lazy("请选择"))
    area_code = forms.ChoiceField(label=gettext_lazy("区域"), required=False)
    component = forms.CharField(label=gettext_lazy("部件标识码"), max_length=20, required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=gettext_lazy("来源渠道"), required=False, empty_label=ANY
    )
    request_type = forms.ChoiceField(
        label=gettext_lazy("诉求类型"), required=False, choices=[("", ANY), *RequestType.choices]
    )
    when = forms.DateTimeField(
        label=gettext_lazy("时间"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.classes().on(today)  # type: ignore[attr-defined]
        self.fields["channel"].queryset = Channel.objects.open_on(today)  # type: ignore[attr-defined]
        self.fields["area_code"].choices = _area_choices()  # type: ignore[attr-defined]

    def clean_component(self) -> Component | None:
        code = self.cleaned_data["component"].strip()
        if not code:
            return None
        roles = (f"{role}_agency" for role in ("maintaining", "owning", "competent"))
        found = Component.objects.published().filter(code=code).select_related(*roles).first()
        if found is None:
            raise forms.ValidationError(_("没有标识码为 %(code)s 的部件。") % {"code": code})
        return found


def local_day(at: datetime) -> date:
    return at.astimezone(settings.CITY.zone).date()


def names(agencies: Iterable[int]) -> dict[int, str]:
    """Names of agencies by key; one query."""
    return dict(Agency.objects.filter(pk__in=set(agencies)).values_list("pk", "name"))
