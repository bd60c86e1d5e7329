"""The trail of an organisation may be deleted once it has been closed for 30 days, never before.

Any release may carry it: old code deletes nothing.
"""

from django.db import migrations

CLOSED = """
CREATE POLICY closed ON audit_auditevent AS RESTRICTIVE FOR DELETE USING (EXISTS (
    SELECT 1 FROM tenancy_organisation o
    WHERE o.id = organisation_id AND o.closed_at < statement_timestamp() - interval '30 days'
));
GRANT DELETE ON audit_auditevent TO roundtable_app;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_names"), ("tenancy", "0001_initial")]

    operations = [
        migrations.RunSQL(
            CLOSED,
            "DROP POLICY closed ON audit_auditevent;"
            "REVOKE DELETE ON audit_auditevent FROM roundtable_app",
        )
    ]
