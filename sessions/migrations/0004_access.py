"""Lines of a retrospective say when they were written; no cause of cancelling tells of health.

Any release may carry it: old code leaves the column to the database, whose default is the moment
of the insert.  A session that was cancelled for illness has another cause from now on; its
`changed_at` moves so that its day is tallied anew.
"""

from django.db import migrations, models

import core.common.clock

# the walls are for the application: here the owner of the tables passes them
BACKFILL = """
ALTER TABLE mentoring_sessions_retrospective NO FORCE ROW LEVEL SECURITY;
UPDATE mentoring_sessions_retrospective SET written_at = created_at;
ALTER TABLE mentoring_sessions_retrospective FORCE ROW LEVEL SECURITY;
"""
NOW = "ALTER TABLE mentoring_sessions_retrospective ALTER COLUMN written_at SET DEFAULT now()"
OTHER = """
ALTER TABLE mentoring_sessions_session NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_auditevent NO FORCE ROW LEVEL SECURITY;
UPDATE mentoring_sessions_session SET cause = 'other', changed_at = now() WHERE cause = 'illness';
UPDATE audit_auditevent SET details = jsonb_set(details, '{cause}', '"other"')
WHERE verb = 'session.cancelled' AND details->>'cause' = 'illness';
ALTER TABLE audit_auditevent FORCE ROW LEVEL SECURITY;
ALTER TABLE mentoring_sessions_session FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring_sessions", "0003_words"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="retrospective",
            name="written_at",
            field=models.DateTimeField(default=core.common.clock.now),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(NOW, migrations.RunSQL.noop),
        migrations.RunSQL(OTHER, migrations.RunSQL.noop),
    ]
