"""The dates that put a case into a month, each with its own index: a month is a small slice of many years."""

from django.db import migrations

INDEXES = {
    "clock_handle_due": "dispatch_clock (due_at) WHERE kind = 'handle'",
    "clock_handle_started": "dispatch_clock (started_at) WHERE kind = 'handle'",
    "part_withdrawn": "dispatch_part (withdrawn_at) WHERE withdrawn_at IS NOT NULL",
    "case_closed": "dispatch_case (closed_at) WHERE closed_at IS NOT NULL",
    "callback_called": "dispatch_callback (called_at)",
}


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0002_links"), ("scorecards", "0002_entries")]
    operations = [
        migrations.RunSQL(f"CREATE INDEX {name} ON {on}", f"DROP INDEX {name}") for name, on in INDEXES.items()
    ]
