"""What the worker does by itself: every minute, so that a lost wake-up is a minute's delay at most, and every night."""

from datetime import datetime, time, timedelta

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone
from django_q.models import Schedule

EVERY_MINUTE = {
    "deliver events": "dispatch.events.deliver_all",
    "watch windows and dates": "dispatch.watch.watch",
    "send texts": "dispatch.texting.send_due",
    "assign waiting tasks": "inspectors.assigning.assign_waiting",
    "plan day routes": "inspectors.routes.plan_due",
    "mark cells that were patrolled": "inspectors.patrol.mark_seen",
}
EVERY_TEN_MINUTES = {"read the mailbox": "dispatch.mailreading.read_due"}
# at night, one after the other: what they read is large
EVERY_DAY = {
    "seal the log": ("dispatch.sealing.seal_today", time(1)),
    "sweep photos that nobody sent to the end": ("inspectors.uploads.sweep_due", time(1, 30)),
    "verify the log": ("dispatch.verifying.verify_daily", time(2)),
    "anonymise what is due": ("dispatch.retention.anonymise_due", time(4)),
    "sweep tracks": ("inspectors.tracks.sweep_due", time(5)),
}


def ensure_schedules(sender: AppConfig | None = None, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """Make the schedules that are missing; what an administrator has changed stays. Runs after each migrate."""
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return
    often = [(1, *row) for row in EVERY_MINUTE.items()] + [(10, *row) for row in EVERY_TEN_MINUTES.items()]
    for minutes, name, function in often:
        Schedule.objects.using(using).get_or_create(
            name=name, defaults={"func": function, "schedule_type": Schedule.MINUTES, "minutes": minutes}
        )
    today = timezone.localtime()
    for name, (function, hour) in EVERY_DAY.items():
        first = datetime.combine(today.date() + timedelta(days=1), hour, today.tzinfo)
        Schedule.objects.using(using).get_or_create(
            name=name, defaults={"func": function, "schedule_type": Schedule.DAILY, "next_run": first}
        )
