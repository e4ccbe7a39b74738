"""What the worker does every minute by itself, so that a lost wake-up is never more than a minute's delay."""

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django_q.models import Schedule

EVERY_MINUTE = {
    "deliver events": "dispatch.events.deliver_all",
    "watch windows and dates": "dispatch.watch.watch",
    "assign waiting tasks": "inspectors.assigning.assign_waiting",
}


def ensure_schedules(sender: AppConfig | None = None, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """Make the schedules that are missing; what an administrator has changed stays. Runs after each migrate."""
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return
    for name, function in EVERY_MINUTE.items():
        Schedule.objects.using(using).get_or_create(
            name=name, defaults={"func": function, "schedule_type": Schedule.MINUTES, "minutes": 1}
        )
