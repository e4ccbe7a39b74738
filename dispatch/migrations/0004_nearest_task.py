"""The index that answers "my open tasks, nearest first" alone: by inspector and place, over open tasks only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0003_live")]
    operations = [
        migrations.RunSQL(
            "DROP INDEX task_open_point;"
            "CREATE INDEX task_open_point ON dispatch_fieldtask USING gist (inspector_id, point) WHERE done_at IS NULL",
            "DROP INDEX task_open_point;"
            "CREATE INDEX task_open_point ON dispatch_fieldtask USING gist (point) WHERE done_at IS NULL",
        ),
    ]
