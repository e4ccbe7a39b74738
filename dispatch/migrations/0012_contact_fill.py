"""Fill: what the new columns say of the callbacks and contacts of before."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0011_contact")]
    operations = [
        migrations.RunSQL("UPDATE dispatch_contact SET concludes = reached, counts = NOT reached", ""),
        migrations.RunSQL(
            """
            UPDATE dispatch_callback b SET concludes = b.reached, counts = NOT b.reached,
                reason = CASE WHEN b.solved = false AND b.reason = '' THEN '（未记录原因）' ELSE b.reason END
            """,
            "",
        ),
        migrations.RunSQL(
            """
            UPDATE dispatch_callback b SET undecided = true FROM dispatch_case c
            WHERE c.id = b.case_id AND c.state = 'closed' AND b.called_at >= c.closed_at AND b.reached
              AND (b.satisfaction = 'dissatisfied' OR b.solved = false)
            """,
            "",
        ),
        migrations.RunSQL(
            """
            UPDATE dispatch_report r SET callback_since = c.closed_at FROM dispatch_case c, dispatch_person p
            WHERE c.id = r.case_id AND p.id = r.person_id AND c.state = 'closed'
              AND NOT r.anonymous AND r.wants_callback AND p.phone <> ''
              AND NOT EXISTS (SELECT 1 FROM dispatch_callback b
                              WHERE b.report_id = r.id AND b.reached AND b.called_at >= c.closed_at)
            """,
            "",
        ),
    ]
