from dispatch.models.calendar import Calendar, CalendarDay
from dispatch.models.case import Case, CaseQuerySet, Part
from dispatch.models.clock import Clock, ClockQuerySet
from dispatch.models.contact import Callback, Contact, FollowUp, LookBack
from dispatch.models.evidence import Attachment, Evidence
from dispatch.models.fieldtask import FieldTask, FieldTaskQuerySet
from dispatch.models.log import Cursor, Event, Remark, Step
from dispatch.models.report import Call, Channel, Person, Report, ReportQuerySet
from dispatch.models.rules import Condition, RoutingRule
from dispatch.models.statement import Statement

__all__ = [
    "Attachment",
    "Calendar",
    "CalendarDay",
    "Call",
    "Callback",
    "Case",
    "CaseQuerySet",
    "Channel",
    "Clock",
    "ClockQuerySet",
    "Condition",
    "Contact",
    "Cursor",
    "Event",
    "Evidence",
    "FieldTask",
    "FieldTaskQuerySet",
    "FollowUp",
    "LookBack",
    "Part",
    "Person",
    "Remark",
    "Report",
    "ReportQuerySet",
    "RoutingRule",
    "Statement",
    "Step",
]
