from dispatch.models.calendar import Calendar, CalendarDay
from dispatch.models.case import Case, CaseQuerySet, Part
from dispatch.models.clock import Clock, ClockQuerySet
from dispatch.models.contact import Callback, Contact
from dispatch.models.evidence import Attachment, Evidence
from dispatch.models.fieldtask import FieldTask, FieldTaskQuerySet
from dispatch.models.link import CaseLink, CaseLinkQuerySet
from dispatch.models.log import Cursor, Event, Remark, Step
from dispatch.models.report import Call, Channel, Person, Report, ReportQuerySet
from dispatch.models.rules import Condition, RoutingRule

__all__ = [
    "Attachment",
    "Calendar",
    "CalendarDay",
    "Call",
    "Callback",
    "Case",
    "CaseLink",
    "CaseLinkQuerySet",
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
    "Part",
    "Person",
    "Remark",
    "Report",
    "ReportQuerySet",
    "RoutingRule",
    "Step",
]
