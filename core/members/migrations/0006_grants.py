"""What the application may write of the global tables, which no policy divides by organisation.

Tables of Django that it never writes it may only read.  Of what it does write it may change the
columns that an operation changes: an organisation's number and address, what a key opens, and whose
an e-mail's envelope is stay as they were made.
"""

from django.db import migrations

APP = "roundtable_app"
READ_ONLY = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
)
# table, what may be done with whole rows, the columns that may be changed
BY_COLUMN = (
    ("tenancy_organisation", "SELECT, INSERT", "name, slug, closed_at"),
    ("members_key", "SELECT, INSERT, DELETE", "expires_at, revoked_at, used_at"),
)


def _statements():
    for table in READ_ONLY:
        yield f'REVOKE ALL ON "{table}" FROM {APP}'
        yield f'GRANT SELECT ON "{table}" TO {APP}'
    for table, rows, columns in BY_COLUMN:
        yield f'REVOKE ALL ON "{table}" FROM {APP}'
        yield f'GRANT {rows}, UPDATE ({columns}) ON "{table}" TO {APP}'


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0005_runs_all"),
        ("tenancy", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunSQL("; ".join(_statements()), migrations.RunSQL.noop),
    ]
