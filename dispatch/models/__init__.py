from dispatch.models.calendar import Calendar, CalendarDay, CalendarEdit, CalendarQuerySet
from dispatch.models.case import Case, CaseQuerySet, Part
from dispatch.models.choice import ProfileChoice
from dispatch.models.clock import Clock, ClockQuerySet
from dispatch.models.contact import Callback, Contact, FollowUp, LookBack
from dispatch.models.delegation import Delegation, DelegationQuerySet
from dispatch.models.document import Document
from dispatch.models.evidence import Attachment, Evidence
from dispatch.models.fieldtask import FieldTask, FieldTaskQuerySet
from dispatch.models.household import Household, HouseholdCare, HouseholdQuerySet, HouseholdVisit
from dispatch.models.invitation import Invitation, InvitationQuerySet
from dispatch.models.knowledge import Article, ArticleQuerySet, Diversion, UpperChange
from dispatch.models.link import CaseLink, CaseLinkQuerySet
from dispatch.models.log import Cursor, Event, Remark, Step
from dispatch.models.mail import InboundMail, InboundMailQuerySet, MailboxRead
from dispatch.models.meeting import Meeting, MeetingItem, MeetingTask, MeetingTaskQuerySet
from dispatch.models.notice import Notice, NoticeQuerySet
from dispatch.models.orders import OrderFile, OrderFileQuerySet, OrderRow
from dispatch.models.petition import Decision, Petition, PetitionQuerySet, Supervision, SupervisionQuerySet
from dispatch.models.programme import LiveGuest, LiveQuestion, LiveSession
from dispatch.models.report import Call, CallQuerySet, Channel, Person, Report, ReportQuerySet
from dispatch.models.review import Review
from dispatch.models.roster import Duty, Handover, HandoverQuerySet, Seat, Surge
from dispatch.models.rules import Condition, ConditionLimit, RoutingRule, RulePartner
from dispatch.models.sitting import Sitting, SittingQuerySet
from dispatch.models.statement import Statement
from dispatch.models.talk import TalkLine, TalkLineQuerySet
from dispatch.models.text import TextMessage, TextMessageQuerySet
from dispatch.models.trust import Anonymisation, Seal, Verification
from dispatch.models.undertaking import Undertaking, UndertakingEntry, UndertakingQuerySet, UndertakingUnit
from dispatch.models.whistle import Whistle, WhistleCall, WhistleCallQuerySet, WhistleEntry, WhistleQuerySet

__all__ = [
    "Anonymisation",
    "Article",
    "ArticleQuerySet",
    "Attachment",
    "Calendar",
    "CalendarDay",
    "CalendarEdit",
    "CalendarQuerySet",
    "Call",
    "CallQuerySet",
    "Callback",
    "Case",
    "CaseLink",
    "CaseLinkQuerySet",
    "CaseQuerySet",
    "Channel",
    "Clock",
    "ClockQuerySet",
    "Condition",
    "ConditionLimit",
    "Contact",
    "Cursor",
    "Decision",
    "Delegation",
    "DelegationQuerySet",
    "Diversion",
    "Document",
    "Duty",
    "Event",
    "Evidence",
    "FieldTask",
    "FieldTaskQuerySet",
    "FollowUp",
    "Handover",
    "HandoverQuerySet",
    "Household",
    "HouseholdCare",
    "HouseholdQuerySet",
    "HouseholdVisit",
    "InboundMail",
    "InboundMailQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "LiveGuest",
    "LiveQuestion",
    "LiveSession",
    "LookBack",
    "MailboxRead",
    "Meeting",
    "MeetingItem",
    "MeetingTask",
    "MeetingTaskQuerySet",
    "Notice",
    "NoticeQuerySet",
    "OrderFile",
    "OrderFileQuerySet",
    "OrderRow",
    "Part",
    "Person",
    "Petition",
    "PetitionQuerySet",
    "ProfileChoice",
    "Remark",
    "Report",
    "ReportQuerySet",
    "Review",
    "RoutingRule",
    "RulePartner",
    "Seal",
    "Seat",
    "Sitting",
    "SittingQuerySet",
    "Statement",
    "Step",
    "Supervision",
    "SupervisionQuerySet",
    "Surge",
    "TalkLine",
    "TalkLineQuerySet",
    "TextMessage",
    "TextMessageQuerySet",
    "Undertaking",
    "UndertakingEntry",
    "UndertakingQuerySet",
    "UndertakingUnit",
    "UpperChange",
    "Verification",
    "Whistle",
    "WhistleCall",
    "WhistleCallQuerySet",
    "WhistleEntry",
    "WhistleQuerySet",
]
