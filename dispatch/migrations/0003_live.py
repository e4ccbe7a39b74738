"""What Django's models cannot say: case numbers, the small index over open cases, and waking the readers of events."""

from django.db import migrations

ENDED = "('closed', 'answered', 'declined', 'merged', 'void')"


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0002_links")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE case_number", "DROP SEQUENCE case_number"),
        # one day has 10,000 reports in a big city; a GiST over open cases only stays small however old the city gets
        migrations.RunSQL(
            f"CREATE INDEX case_open_point ON dispatch_case USING gist (point) WHERE state NOT IN {ENDED}",
            "DROP INDEX case_open_point",
        ),
        migrations.RunSQL(
            "CREATE INDEX task_open_point ON dispatch_fieldtask USING gist (point) WHERE done_at IS NULL",
            "DROP INDEX task_open_point",
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION wake_readers() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_notify('gridmap_events', ''); RETURN NULL; END $$;
            CREATE TRIGGER wake_readers AFTER INSERT ON dispatch_event
            FOR EACH STATEMENT EXECUTE FUNCTION wake_readers();
            """,
            "DROP TRIGGER wake_readers ON dispatch_event; DROP FUNCTION wake_readers()",
        ),
    ]
