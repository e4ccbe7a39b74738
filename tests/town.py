"""A town in round metres for tests.

    y
    100 ┌─────────┬─────────┬─────────┬─────────┐
        │ c101-001│ c101-002│ c102-001│ c102-002│      two communities 甲社区 and 乙社区, two cells each,
      0 └─────────┴─────────┴─────────┴─────────┘      every cell 100 m × 100 m
        0        100       200       300       400 x

One metre of the picture is one metre of the city's reference system, shifted to `ORIGIN`.
"""

import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from PIL import Image

from dispatch.actions import closing, filing, handling, petitions
from dispatch.evidence import Photo, store
from dispatch.intake import Caller, Intake, register
from dispatch.lifecycle import Doing
from dispatch.models import Calendar, Case, Channel, Condition, FieldTask, Part, Petition, Report, RoutingRule, Step
from gridmap.datums import Datum, point_from
from gridmap.models import Area, Category, Cell, Component, Dictionary, Layout
from people.models import Agency, RoleGrant, User
from people.permissions import Role

# a Wednesday morning, 09:00 in Shanghai
NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
_CENTRE = point_from(*settings.CITY.centre, Datum.WGS84)
ORIGIN = (round(_CENTRE.x, -3), round(_CENTRE.y, -3))


def at(x: float, y: float) -> Point:
    """A point of the picture, in the city's SRID."""
    return Point(ORIGIN[0] + x, ORIGIN[1] + y, srid=settings.CITY.srid)


def square(x: float, y: float, width: float = 100, height: float = 100) -> Polygon:
    """A rectangle of the picture by its lower left corner, in the city's SRID."""
    left, low = ORIGIN[0] + x, ORIGIN[1] + y
    ring = [(left, low), (left + width, low), (left + width, low + height), (left, low + height), (left, low)]
    return Polygon(ring, srid=settings.CITY.srid)


@dataclass
class Town:
    """What build_town made; `people` has one user per role, by the role's value."""

    communities: list[Area]
    cells: list[Cell]
    cover: Category
    missing: Condition
    fee: Category
    water: Agency
    office: Agency
    channel: Channel
    calendar: Calendar
    people: dict[str, User]
    component: Component
    rules: dict[str, RoutingRule]
    extra: dict[str, Any] = field(default_factory=dict)

    def doing(self, case: Case | None, role: str | None, when: datetime = NOW, note: str = "", **other: Any) -> Doing:
        """A Doing by the person of a role on the case as it is in memory."""
        return Doing(
            by=self.people[role] if role else None,
            at=when,
            version=case.version if case else 1,
            operation=uuid.uuid4(),
            note=note,
            **other,
        )

    def report(self, text: str = "上水井盖丢失", *, when: datetime = NOW, **fields: Any) -> Case:
        """A registered street case at (50, 50), or what the fields say."""
        values: dict[str, Any] = {
            "channel": self.channel,
            "point": at(50, 50),
            "uncertainty_m": 20.0,
            "category": self.cover,
            "condition": self.missing,
            "caller": Caller(name="王女士", phone="13900000001"),
        } | fields
        return register(Intake(text, **values), by=self.people["operator"], at=when, operation=uuid.uuid4())

    def matter(self, text: str = "小区物业乱收费", *, when: datetime = NOW, **fields: Any) -> Case:
        """A registered matter without a place."""
        values = {"point": None, "uncertainty_m": None, "category": self.fee, "condition": None} | fields
        return self.report(text, when=when, **values)

    def photo(self, colour: str = "red", when: datetime = NOW) -> Photo:
        return Photo(store(jpeg(colour), at=when), at(50, 50), 8.0, when)

    def to_state(self, state: str, case: Case | None = None, when: datetime = NOW) -> Case:
        """A street case played by its people up to a state, ten minutes a step."""
        case = case or self.report(when=when)
        minute = iter(range(10, 1000, 10))

        def do(role: str, note: str = "") -> Doing:
            return self.doing(case, role, when + timedelta(minutes=next(minute)), note)

        steps = {
            "verifying": lambda: filing.order_verify(case, do("operator"), inspector=self.people["inspector"]),
            "to_file": lambda: filing.verify(
                case,
                do("inspector"),
                task=self.task(case, "verify"),
                result=FieldTask.Result.CONFIRMED,
                photos=[self.photo(when=when)],
                point=at(52, 50),
            ),
            "to_dispatch": lambda: filing.file(case, do("shift_lead")),
            "handling": lambda: handling.dispatch_case(
                case, do("dispatcher"), to=[handling.Assignment(self.water, self.rules["owner"])]
            ),
            "reply_review": lambda: handling.handled(
                case, do("handler", "已更换井盖"), part=self.part(case), photos=[self.photo("green", when)]
            ),
            "checking": lambda: handling.accept_reply(case, do("dispatcher"), inspector=self.people["inspector"]),
            "to_close": lambda: closing.check_result(
                case,
                do("inspector"),
                task=self.task(case, "check"),
                passed=True,
                photos=[self.photo("blue", when)],
                point=at(50, 50),
            ),
            "closed": lambda: closing.close(case, do("shift_lead")),
        }
        order = ["received", *steps]
        for target in order[order.index(case.state) + 1 : order.index(state) + 1]:
            steps[target]()
            case = Case.objects.get(pk=case.pk)
            assert case.state == target
        return case

    def petition(
        self, case: Case, kind: str, asker: str, when: datetime = NOW, note: str = "有理由", **wish: Any
    ) -> Petition:
        """Something that the person of a role asks for, not before the case came into its state."""
        when = max(when, case.state_since)
        if kind in ("suspension", "renewal"):
            wish = {"review_on": (when + timedelta(days=90)).date()} | wish
        if kind in ("suspension", "void"):
            wish = {"explanation": "已电话说明原因"} | wish
        if kind == "back":
            wish = {"reason_code": "wrong_agency"} | wish
        step = petitions.ask(case, self.doing(case, asker, when, note), kind=kind, wish=petitions.Wish(**wish))
        return Petition.objects.get(step=step)

    def grant(
        self,
        case: Case,
        kind: str,
        asker: str = "dispatcher",
        decider: str = "shift_lead",
        when: datetime = NOW,
        **wish: Any,
    ) -> Step:
        """Something that one person asks for and another one grants at once."""
        when = max(when, case.state_since)
        petition = self.petition(case, kind, asker, when, **wish)
        return petitions.decide(case, self.doing(case, decider, when, "同意"), petition=petition, agrees=True)

    def task(self, case: Case, kind: str) -> FieldTask:
        return FieldTask.objects.open().get(case=case, kind=kind)

    def part(self, case: Case) -> Part:
        return case.parts.get(withdrawn_at=None)

    def first_report(self, case: Case) -> Report:
        return case.reports.order_by("pk")[0]


def jpeg(colour: str = "red", size: tuple[int, int] = (64, 48)) -> io.BytesIO:
    """A small photo as a camera would send it."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    out.seek(0)
    out.name = f"{colour}.jpg"
    return out


def build_town() -> Town:
    """Make the rows; about 60 statements, no case yet."""
    codes = settings.CITY.area_digits
    city_code = "3299"[: codes["city"]]
    parents: list[Area] = []
    for level, name in (("city", "测试市"), ("district", "测试区"), ("subdistrict", "测试街道")):
        code = (parents[-1].code if parents else city_code).ljust(codes[level], "1")
        parents.append(
            Area.objects.create(
                code=code,
                name=name,
                level=level,
                parent=parents[-1] if parents else None,
                geom=MultiPolygon(square(0, 0, 400), srid=settings.CITY.srid),
            )
        )
    communities = [
        Area.objects.create(
            code=f"{parents[-1].code}{101 + index}",
            name=name,
            level="community",
            parent=parents[-1],
            geom=MultiPolygon(square(200 * index, 0, 200), srid=settings.CITY.srid),
        )
        for index, name in enumerate(("甲社区", "乙社区"))
    ]
    layout = Layout.objects.create(name="测试网格", state="active", active_from=date(2020, 1, 1))
    cells = [
        Cell.objects.create(
            code=f"{community.code}{number:03d}",
            layout=layout,
            community=community,
            geom=square(200 * index + 100 * (number - 1), 0),
            area_m2=10_000,
        )
        for index, community in enumerate(communities)
        for number in (1, 2)
    ]
    return _people_and_rules(communities, cells)


def _people_and_rules(communities: list[Area], cells: list[Cell]) -> Town:
    water = Agency.objects.create(code="water", name="自来水公司", head="张三", handler="李四")
    office = Agency.objects.create(code="office", name="测试街道办事处")
    urban = Dictionary.objects.create(kind="urban", edition="测试城市管理字典", valid_from=date(2020, 1, 1))
    matters = Dictionary.objects.create(kind="matters", edition="测试诉求字典", valid_from=date(2020, 1, 1))
    major = Category.objects.create(dictionary=urban, kind="component", code="01", name="公用设施")
    cover = Category.objects.create(
        dictionary=urban, kind="component", code="01-01", name="上水井盖", major=major, words=["自来水井盖", "井盖"]
    )
    missing = Condition.objects.create(
        category=cover,
        number=1,
        text="井盖缺失",
        limit_amount=2,
        limit_unit="urgent_hour",
        words=["丢失", "缺失", "被偷"],
    )
    Condition.objects.create(
        category=cover, number=2, text="井盖破损", limit_amount=4, limit_unit="work_hour", words=["破损", "裂"]
    )
    fees = Category.objects.create(dictionary=matters, kind="matter", code="01", name="物业管理")
    fee = Category.objects.create(
        dictionary=matters, kind="matter", code="01-01", name="物业收费", major=fees, words=["乱收费", "物业费"]
    )
    Condition.objects.create(category=fee, number=1, text="物业收费投诉", limit_amount=5, limit_unit="work_day")
    calendar = Calendar.objects.create(name="测试计时方案")
    people = {
        role: User.objects.create_user(role, password="town-password", full_name=str(Role(role).label))
        for role in Role.values
    }
    RoleGrant.objects.bulk_create(
        RoleGrant(user=people[role], role=role, agency=water if role == Role.HANDLER else None) for role in Role.values
    )
    rules = {
        "owner": RoutingRule.objects.create(number="R001", by_owner=True),
        "cover": RoutingRule.objects.create(number="R002", category=cover, agency=water),
        "fallback": RoutingRule.objects.create(number="R900", agency=office, fallback=True),
    }
    return Town(
        communities=communities,
        cells=cells,
        cover=cover,
        missing=missing,
        fee=fee,
        water=water,
        office=office,
        channel=Channel.objects.create(key="hotline", name="热线"),
        calendar=calendar,
        people=people,
        component=Component.objects.create(
            code=f"{communities[0].code[:6]}0101000001", category=cover, geom=at(55, 50), owning_agency=water
        ),
        rules=rules,
    )
