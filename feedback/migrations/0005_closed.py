"""Released steps may be deleted once their organisation has been closed for 30 days, never before.

Any release may carry it: old code deletes nothing.
"""

from django.db import migrations

CLOSED = """
CREATE POLICY closed ON feedback_releasedstep AS RESTRICTIVE FOR DELETE USING (EXISTS (
    SELECT 1 FROM tenancy_organisation o
    WHERE o.id = organisation_id AND o.closed_at < statement_timestamp() - interval '30 days'
));
GRANT DELETE ON feedback_releasedstep TO roundtable_app;
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0004_released"), ("tenancy", "0001_initial")]

    operations = [
        migrations.RunSQL(
            CLOSED,
            "DROP POLICY closed ON feedback_releasedstep;"
            "REVOKE DELETE ON feedback_releasedstep FROM roundtable_app",
        )
    ]
