"""The one permission table: which role may do what. Pages and steps name a permission; nothing else decides.

Pure: no queries. What somebody may *see* of it is decided by the `visible_to(user)` of each QuerySet.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """The seats of a centre (P4 of the standard's posts, and the hotlines' own)."""

    OPERATOR = "operator", _("受理员")
    SHIFT_LEAD = "shift_lead", _("值班长")
    DISPATCHER = "dispatcher", _("派遣员")
    INSPECTOR = "inspector", _("监督员")
    HANDLER = "handler", _("专业部门经办人")
    MANAGER = "manager", _("考评管理员")
    LEADER = "leader", _("领导")
    DATA_MANAGER = "data_manager", _("数据管理员")
    ADMIN = "admin", _("系统管理员")


O, L, D, I, H, M, C, G, A = Role  # noqa: E741 - one letter a seat keeps the table readable
CENTRE = frozenset({O, L, D})
EVERYBODY = frozenset(Role)

# permission → roles. `case.*` are the actions of dispatch/transitions.py; the others are pages.
ALLOWED: dict[str, frozenset[Role]] = {
    # pages
    "home": EVERYBODY,
    "console": frozenset({O, L, D, M, C, A}),
    "case.see": EVERYBODY,
    "intake": frozenset({O, L}),
    "callbacks": frozenset({O, L}),
    "lead": frozenset({L}),
    "agency": frozenset({H}),
    "delegate": frozenset({H}),
    "talk": frozenset({O, L, D, H}),
    "leader": frozenset({C}),
    "petitions": frozenset({O, L, D, H, M, C}),
    "review": frozenset({C}),
    "ledger": frozenset({L, D, H, M, C}),
    "signing": frozenset({O, L, D, H, M, C}),
    "pushes": frozenset({L, D, H, M, C}),
    "field": frozenset({I}),
    "field.messages": CENTRE,
    "patrol": frozenset({L, G}),
    "patrol.tracks": frozenset({L}),
    "patrol.plan": frozenset({L}),
    "misses": frozenset({L, M}),
    "misses.decide": frozenset({L}),
    "scorecards": frozenset({M, C, L, A}),
    "scorecards.export": frozenset({M, C, A}),
    "scorecards.freeze": frozenset({M}),
    # inspectors, operators, dispatchers and shift leads: everybody the own figures (scorecards/posts.py)
    "posts": frozenset({O, L, D, I, M, C}),
    "notices": frozenset({H, M, C, L, A}),
    "bulletins": frozenset({O, L, D, H, M, C, A}),
    "bulletins.write": frozenset({L, M}),
    "bulletins.publish": frozenset({M, C}),
    "evidence.see": EVERYBODY,
    "tiles": EVERYBODY,
    "live": EVERYBODY,
    "person.unmask": frozenset({O, L, H}),
    "call.recording": frozenset({O, L}),
    "limits": frozenset({O, L, D, M, C, G, A}),
    "calendar": frozenset({G, A}),
    "trust": frozenset({C, A}),
    "texts": frozenset({L, D, A}),
    "wall": frozenset({L, M, C, A}),
    "screens": frozenset({A}),
    "profiles": frozenset({L, M, C, A}),
    "profiles.choose": frozenset({A}),
    "rules.see": CENTRE | {M, G, A},
    "rules": frozenset({G, A}),
    "looks": frozenset({C, A}),
    "changes": frozenset({C, G, A}),
    "gazetteer.see": EVERYBODY,
    "data": frozenset({G, A}),
    # steps of a case
    "case.register": frozenset({O, L}),
    "case.place": frozenset({O, L, D}),
    "case.classify": frozenset({O, L}),
    "case.component": frozenset({O, L, D}),
    "case.order_verify": frozenset({O, L}),
    "case.verify": frozenset({I}),
    "case.report_found": frozenset({I}),
    "case.answer": frozenset({O, L}),
    "case.decline": frozenset({O, L}),
    "case.merge": frozenset({O, L}),
    "case.submit_review": frozenset({O, L}),
    "case.review": frozenset({L}),
    "case.file": frozenset({L}),
    "case.dispatch": frozenset({D}),
    "case.sign": frozenset({H}),
    "case.contact": frozenset({H}),
    "case.handled": frozenset({H}),
    "case.enter_result": frozenset({O, L, D}),
    "mailbox": frozenset({O, L, D}),
    "case.gather": frozenset({D, L}),
    "case.return": frozenset({D, L, M, C}),
    "case.suspend": frozenset({D, L, M, C}),
    "case.resume": frozenset({D, L}),
    "case.accept_reply": frozenset({D}),
    "case.reject_reply": frozenset({D}),
    "case.check": frozenset({I}),
    "tasks.hand": CENTRE,
    "case.close": frozenset({L}),
    "case.void": frozenset({D, L, M, C}),
    "case.redo": frozenset({L, C}),
    "case.callback": frozenset({O, L}),
    # petitions: who asks and who decides among these is narrowed by the profile
    "case.retype": frozenset({O, L, D}),
    "case.complexity": frozenset({O, L, D}),
    "case.urgency": frozenset({O, L, D}),
    "case.split": frozenset({O, L}),
    "case.answer_upper": frozenset({O, L}),
    "intake.import": frozenset({O, L}),
    "roster.see": CENTRE,
    "roster": frozenset({L}),
    "handover": CENTRE,
    "diversions": frozenset({O, L, M, C}),
    "channels": frozenset({O, L, D, M, C, G, A}),
    "channels.edit": frozenset({G, A}),
    "case.invite": frozenset({D, L}),
    "knowledge": frozenset({O, L, D, H, G, A}),
    "rulebook": EVERYBODY,
    "upper_changes": frozenset({L, D, M, C, A}),
    "upper_changes.write": frozenset({L, M, A}),
    "knowledge.write": frozenset({O, L, H, G}),
    "knowledge.publish": frozenset({L, G}),
    "case.ask_extension": frozenset({H}),
    "case.ask_suspend": frozenset({H, D, L}),
    "case.ask_renew": frozenset({H, D, L}),
    "case.ask_return": frozenset({H, D}),
    "case.ask_void": frozenset({O, D, L}),
    "case.ask_contest": frozenset({H}),
    "case.ask_transfer": frozenset({H, D, L}),
    "case.withdraw": frozenset({O, D, L, H}),
    "case.decide": frozenset({D, L, M, C}),
    "case.supervise": frozenset({D, L, M, C}),
    "case.instruct": frozenset({C}),
    "case.report_back": frozenset({H, D, L}),
    "case.end_push": frozenset({D, L, M, C}),
    "case.order_survey": frozenset({D, L}),
    "case.order_recheck": frozenset({D, L}),
    "case.self_handled": frozenset({I}),
    "case.send_back": frozenset({L}),
    "case.investigate": frozenset({H}),
    "case.telephone": frozenset({O, L, D}),
    "case.arrive": frozenset({H}),
    "case.countersign": frozenset({O, L, D, H, M, C}),
    "case.platform_reply": frozenset({O, L, D, H}),
    "case.explain": frozenset({O, L, D, H}),
    "case.look_back": frozenset({O, L, I}),
    "case.follow_up": frozenset({L}),
    # units called to the site
    "zero": frozenset({D, L, H, M, C}),
    "meetings": frozenset({L, D, M, C}),
    "meetings.write": frozenset({L, C}),
    "case.meet": frozenset({L, C}),
    # key issues, follow-up measures, campaigns
    "undertakings": frozenset({L, D, H, M, C}),
    "undertakings.write": frozenset({L, M, C}),
    "undertakings.report": frozenset({L, D, H, M, C}),
    # residents at home
    "households": frozenset({I, H, L, C}),
    "households.visit": frozenset({I, H}),
    "households.write": frozenset({H}),
    "households.care": frozenset({H, C}),
    "programme": frozenset({O, L, D, H, M, C}),
    "programme.write": frozenset({O, L}),
    "whistles": frozenset({I, H, D, L, M, C}),
    "case.whistle": frozenset({I, H, D, L, C}),
    "case.whistle_answer": frozenset({H, D, L, C}),
    "case.whistle_result": frozenset({I, H, D, L, C}),
    # papers
    "case.document": frozenset({H, D, L}),
    "case.mediate": frozenset({H, D, L}),
    # repeats
    "repeats": frozenset({O, L, D, M, C}),
    "case.link": frozenset({O, L, D}),
    "case.keep_apart": frozenset({O, L, D}),
    "case.repeat": frozenset({O, L}),
    "case.unmerge": frozenset({L}),
    "case.reopen": frozenset({O, L}),
    "case.add_found": frozenset({I}),
}


def may(roles: AbstractSet[Role], permission: str) -> bool:
    """Whether any of the roles holds the permission; an unknown permission is a KeyError, never a silent no."""
    return not ALLOWED[permission].isdisjoint(roles)


class Group(models.TextChoices):
    """A heading in the navigation's second list, for rooms that nobody needs all day."""

    MAIN = "", _("主导航")  # stands in the bar itself
    COUNCIL = "council", _("会商督导")
    COMMUNITY = "community", _("社区走访")
    STREET = "street", _("街面巡查")
    WATCH = "watch", _("值守规程")
    SETTINGS = "settings", _("设置")


class Room(NamedTuple):
    """An entry of the navigation."""

    url: str
    title: str | Promise
    permission: str
    group: Group = Group.MAIN


ROOMS = (
    Room("desks:leader", _("领导首页"), "leader"),  # first: where a leader lands
    Room("desks:console", _("地图调度台"), "console"),
    Room("desks:intake", _("受理登记"), "intake"),
    Room("desks:knowledge", _("知识库"), "knowledge"),
    Room("desks:lead", _("值班长"), "lead"),
    Room("desks:roster", _("排班"), "roster.see", Group.WATCH),
    Room("inspectors:shifts", _("监督员排班"), "roster.see", Group.WATCH),
    Room("desks:handover", _("交接班"), "handover", Group.WATCH),
    Room("desks:callbacks", _("回访"), "callbacks"),
    Room("desks:mailbox", _("单位来信"), "mailbox", Group.WATCH),
    Room("desks:repeats", _("重复诉求"), "repeats"),
    Room("desks:agency", _("部门收件"), "agency"),
    Room("desks:talk", _("部门沟通"), "talk", Group.WATCH),
    Room("desks:petitions", _("申请审批"), "petitions"),
    Room("desks:review", _("月度审阅"), "review", Group.COUNCIL),
    Room("desks:ledger", _("台账"), "ledger", Group.COUNCIL),
    Room("desks:supervisions", _("督办疑难"), "pushes"),
    Room("desks:meetings", _("疑难会商"), "meetings", Group.COUNCIL),
    Room("desks:programme", _("直播节目"), "programme", Group.COUNCIL),
    Room("desks:undertakings", _("专项跟踪"), "undertakings", Group.COUNCIL),
    Room("desks:households", _("入户走访"), "households", Group.COMMUNITY),
    Room("desks:zero", _("清零"), "zero", Group.COMMUNITY),
    Room("desks:whistles", _("吹哨报到"), "whistles", Group.COMMUNITY),
    Room("inspectors:nearby", _("现场任务"), "field"),
    Room("inspectors:patrol", _("巡查覆盖"), "patrol", Group.STREET),
    Room("inspectors:patrol_campaigns", _("专项普查"), "patrol.plan", Group.STREET),
    Room("inspectors:misses", _("漏报认定"), "misses", Group.STREET),
    Room("inspectors:messages", _("现场通知"), "field.messages", Group.STREET),
    Room("scorecards:month", _("考评"), "scorecards"),
    Room("scorecards:posts", _("岗位考评"), "posts", Group.COUNCIL),
    Room("scorecards:notices", _("月度通报"), "notices", Group.COUNCIL),
    Room("scorecards:figures", _("受理统计"), "scorecards", Group.COUNCIL),
    Room("scorecards:bulletins", _("简报"), "bulletins", Group.COUNCIL),
    Room("desks:rulebook", _("工作规程"), "rulebook", Group.WATCH),
    Room("desks:wall", _("运行大屏"), "wall", Group.WATCH),
    Room("dispatch:calendars", _("计时"), "limits", Group.SETTINGS),
    Room("dispatch:rules", _("派遣规则"), "rules.see", Group.SETTINGS),
    Room("dispatch:trust", _("可信记录"), "trust", Group.SETTINGS),
    Room("people:changes", _("变更记录"), "changes", Group.SETTINGS),
    Room("dispatch:profiles", _("本地方案"), "profiles", Group.SETTINGS),
    Room("desks:texts", _("短信"), "texts", Group.SETTINGS),
    Room("dispatch:channels", _("来源渠道"), "channels.edit", Group.SETTINGS),
    Room("desks:screens", _("大屏地址"), "screens", Group.SETTINGS),
    Room("gridmap:data", _("数据"), "data"),
    Room("gridmap:components", pgettext_lazy("room", "部件"), "data"),
    Room("gridmap:layouts", _("网格版本"), "data"),
)


def rooms_for(roles: AbstractSet[Role]) -> list[Room]:
    """The rooms that somebody with these roles may open, in the order of the table."""
    return [room for room in ROOMS if may(roles, room.permission)]


def grouped(rooms: Iterable[Room]) -> list[tuple[Group, list[Room]]]:
    """The rooms under their headings, those of the bar left out; a heading without rooms is not there."""
    found = [(group, [room for room in rooms if room.group == group]) for group in Group if group != Group.MAIN]
    return [(group, inside) for group, inside in found if inside]
