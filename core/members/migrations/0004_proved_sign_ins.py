"""Nothing is set on a sign-in whose mailbox nobody has proved.

Until now a sign-up stored its password before the proof, and whoever was quicker than the mailbox's
owner kept it.  Such passwords stop, and addresses that nobody has proved are nobody's.
"""

from django.db import migrations

PASSWORDS = """
UPDATE members_user SET password = '!' || md5(random()::text || id::text)
WHERE password NOT LIKE '!%' AND NOT EXISTS (
    SELECT 1 FROM account_emailaddress
    WHERE account_emailaddress.user_id = members_user.id AND verified
);
"""
ADDRESSES = "DELETE FROM account_emailaddress WHERE NOT verified;"


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0003_merging"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunSQL(PASSWORDS, migrations.RunSQL.noop),
        migrations.RunSQL(ADDRESSES, migrations.RunSQL.noop),
    ]
