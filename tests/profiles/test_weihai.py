"""威海怡园街道, March 2023, as a story: a whistle, a joint inspection, a mediation, a repair, a look back.

Read from above: each test is one page of it, with its own dates (P4.3, P4.5, P4.7–P4.9, P4.16, P4.17, P4.19, P4.20).
"""

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from desks.views.meetings import next_day
from desks.zeroboard import zero_rows
from dispatch.actions import aftercare, documents, filing, handling, meetings, statements, whistles
from dispatch.actions.documents import Paper
from dispatch.actions.statements import Site
from dispatch.actions.whistles import Calling
from dispatch.documents import store_document
from dispatch.lifecycle import Doing
from dispatch.models import Case, Document, LookBack, Meeting, MeetingItem, MeetingTask, Statement, Step, Whistle
from people.models import Agency, RoleGrant, User
from tests.town import Town

PDF = b"%PDF-1.4\ntrailer\n%%EOF\n"


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2023 in Weihai."""
    return datetime(2023, 3, day, hour - 8, minute, tzinfo=UTC)


class Weihai:
    """The street and who works there; `say` does one thing as one person at one time."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.community = self.unit("yiyuan", "怡园社区")
        self.housing = self.unit("jianshe", "区建设局")
        self.property = self.unit("wuguan", "区物管办")
        self.street = self.unit("jiedao", "怡园街道")
        self.case = town.matter("楼上装修砸墙，楼下墙体破损", when=march(14, 9))

    def unit(self, code: str, name: str) -> Agency:
        agency = Agency.objects.create(code=code, name=name)
        user = User.objects.create_user(code, full_name=f"{name}经办人")
        RoleGrant.objects.create(user=user, role="handler", agency=agency)
        self.town.people[code] = user
        return agency

    def do(self, who: str, when: datetime, words: str = "") -> Doing:
        self.case.refresh_from_db()
        return self.town.doing(self.case, who, when, words)

    def reach_the_community(self) -> None:
        """收单、审核、派给社区: all on the morning of the 14th."""
        filing.submit_review(self.case, self.do("operator", march(14, 9, 10)))
        filing.review(self.case, self.do("shift_lead", march(14, 9, 20)))
        to = [handling.Assignment(self.community)]
        handling.dispatch_case(self.case, self.do("dispatcher", march(14, 9, 30), "归口交办"), to=to)
        handling.sign(self.case, self.do("yiyuan", march(14, 9, 40)), part=self.case.parts.get())

    def blow(self) -> Whistle:
        """街道吹哨: the 14th at ten, everybody on site the next morning at nine."""
        units = [self.housing, self.property, self.street]
        calling = Calling("street", units, "怡园小区3号楼", march(15, 9))
        step = whistles.call(
            self.case, self.do("shift_lead", march(14, 10), "社区制止不了，请联合查看"), calling=calling
        )
        return Whistle.objects.get(step=step)

    def inspect_together(self, whistle: Whistle) -> None:
        """15 日联合查看: each unit reports with who was there and what was done."""
        told = (("jianshe", "制止砸墙"), ("wuguan", "责令修复"), ("jiedao", "到场协调"))
        for minute, (who, words) in enumerate(told):
            call = whistle.calls.get(agency__code=who)
            doing = self.do(who, march(15, 9, minute), words)
            whistles.answer(self.case, doing, call=call, person=f"{call.agency}值班员")

    def still_repairing(self) -> None:
        doing = self.do("shift_lead", march(15, 11), "业主已答应修复，正在施工")
        whistles.follow(self.case, doing, outcome="repairing", look_on=date(2023, 3, 22))


@pytest.fixture
def weihai(town: Town) -> Weihai:
    found = Weihai(town)
    found.reach_the_community()
    return found


def test_on_14_march_the_street_calls_and_the_called_units_read_the_case(weihai: Weihai) -> None:
    people = weihai.town.people
    assert weihai.case not in Case.objects.visible_to(people["jianshe"])
    whistle = weihai.blow()
    assert [str(call.agency) for call in whistle.calls.all()] == ["区建设局", "区物管办", "怡园街道"]
    for who in ("jianshe", "wuguan", "jiedao"):
        assert weihai.case in Case.objects.visible_to(people[who])
        assert whistles.possible(weihai.case, people[who]) == {"whistle_answer"}


def test_on_15_march_everybody_has_been_there(weihai: Weihai) -> None:
    whistle = weihai.blow()
    assert whistle in Whistle.objects.late(march(15, 9, 30), date(2023, 3, 15))
    weihai.inspect_together(whistle)
    assert whistle not in Whistle.objects.late(march(15, 9, 30), date(2023, 3, 15))
    log = Step.objects.filter(case=weihai.case, action="whistle_answer").select_related("remark")
    assert [step.remark.text for step in log] == ["制止砸墙", "责令修复", "到场协调"]


def test_the_wall_is_measured_and_both_neighbours_sign(weihai: Weihai) -> None:
    part = weihai.case.parts.get()
    site = Site("3号楼101室", "双方业主、物业", "墙体破损 70 厘米")
    statements.investigate(weihai.case, weihai.do("yiyuan", march(15, 9, 30), "楼上砸墙所致"), part=part, site=site)
    notice = Paper(
        date(2023, 3, 15), "威环整字〔2023〕7号", "楼上业主", evidence=store_document(io.BytesIO(PDF), at=march(15, 10))
    )
    documents.add(weihai.case, weihai.do("yiyuan", march(15, 10), "责令修复"), kind="rectify", paper=notice)
    peace = Paper(date(2023, 3, 15), "", "楼上业主", "楼下业主", "十日内修复墙面，费用由楼上承担", "楼上业主、楼下业主")
    documents.mediate(weihai.case, weihai.do("yiyuan", march(15, 10, 30), "双方争执费用"), paper=peace)
    assert Statement.objects.get(kind="investigation").measured == "墙体破损 70 厘米"
    assert [paper.kind for paper in Document.objects.order_by("pk")] == ["rectify", "mediation"]


def test_a_wall_still_in_repair_is_followed_until_it_is_mended(weihai: Weihai) -> None:
    whistle = weihai.blow()
    weihai.inspect_together(whistle)
    weihai.still_repairing()
    assert whistle in Whistle.objects.tracked()
    assert whistle not in Whistle.objects.late(march(22, 9), date(2023, 3, 22))
    assert whistle in Whistle.objects.late(march(23, 9), date(2023, 3, 23))
    doing = weihai.do("shift_lead", march(23, 10), "墙面已修好")
    whistles.follow(weihai.case, doing, outcome="solved", rating="satisfied")
    whistle.refresh_from_db()
    assert (whistle.outcome, whistle.rating, whistle.ended_at) == ("solved", "satisfied", march(23, 10))
    assert weihai.case not in Case.objects.visible_to(weihai.town.people["jianshe"])


def test_the_community_has_one_order_left_to_zero(weihai: Weihai) -> None:
    rows = {row.agency.name: row for row in zero_rows(weihai.town.people["leader"], march(16, 9))}
    assert rows["怡园社区"].total == 1
    assert rows["怡园社区"].oldest == weihai.case
    assert rows["区建设局"].total == 0


def test_on_thursday_16_march_the_meeting_decides_who_pays(weihai: Weihai) -> None:
    assert next_day(date(2023, 3, 14), 3) == date(2023, 3, 16)
    leader = weihai.town.people["leader"]
    held = Meeting.objects.create(
        held_on=date(2023, 3, 16), chair="党工委书记", attendees="班子成员、社区书记", made_by=leader
    )
    item = MeetingItem.objects.create(meeting=held, case=weihai.case)
    duty = meetings.Duty("垫付修复费用并追偿", "城建科", date(2023, 3, 23))
    doing = weihai.do("leader", march(16, 9), "街道先行修复")
    meetings.decide(weihai.case, doing, item=item, analysis="楼上业主暂无力支付", duty=duty)
    assert weihai.case.steps.get(action="meet").facts == {"meeting": "2023-03-16"}
    assert [task.who for task in MeetingTask.objects.before(date(2023, 3, 23))] == ["城建科"]


def test_on_16_march_somebody_looks_back_at_what_was_closed_at_once(town: Town) -> None:
    case = town.to_state("closed", when=march(2, 9))
    assert case in Case.objects.once()
    doing = town.doing(case, "operator", march(16, 15), "居民说井盖一直平稳")
    aftercare.look_back(case, doing, method="phone", rating="good")
    look = LookBack.objects.get()
    assert (look.rating, look.looked_at) == ("good", march(16, 15))
    assert look.looked_at - march(2, 9) >= timedelta(days=14)
