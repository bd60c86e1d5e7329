"""People come and go: a name to greet by, who takes over, addresses confirmed by their mailbox.

An invitation keeps when it was first sent, into what, and that it was declined.
"""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantReference, TenantTable

# Whose only name stood as family name is called by it; who has none, as their e-mail begins.
# The walls are for the application: here the owner of the tables passes them.
NAMES = """
ALTER TABLE members_member NO FORCE ROW LEVEL SECURITY;
UPDATE members_member
SET given_name = coalesce(nullif(family_name, ''), left(split_part(email, '@', 1), 150)),
    family_name = ''
WHERE given_name = '';
ALTER TABLE members_member FORCE ROW LEVEL SECURITY;
"""
FIRST_SENT = """
ALTER TABLE members_invitation NO FORCE ROW LEVEL SECURITY;
UPDATE members_invitation SET first_sent_at = created_at;
ALTER TABLE members_invitation FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):

    dependencies = [("members", "0001_initial")]

    operations = [
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "member",
            models.CheckConstraint(
                condition=models.Q(("given_name", ""), _negated=True),
                name="member_has_given_name",
            ),
        ),
        migrations.AddField(
            "member",
            "successor",
            core.tenancy.models.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="members.member",
            ),
        ),
        TenantReference("Member", "successor"),
        migrations.AddField(
            "invitation", "first_sent_at", models.DateTimeField(default=core.common.clock.now)
        ),
        migrations.RunSQL(FIRST_SENT, migrations.RunSQL.noop),
        migrations.AddField("invitation", "place", models.JSONField(blank=True, default=dict)),
        migrations.AddField(
            "invitation", "declined_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AlterField(
            "key",
            "kind",
            models.CharField(
                choices=[
                    ("api_token", "Api Token"),
                    ("invitation", "Invitation"),
                    ("calendar", "Calendar"),
                    ("address", "Address"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("email", models.EmailField(max_length=254, verbose_name="work e-mail")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("member", core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member")),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [models.UniqueConstraint(condition=models.Q(("confirmed_at", None), ("withdrawn_at", None)), fields=("organisation", "member"), name="address_change_one_open_per_member")],
            },
        ),
        TenantTable("AddressChange"),
    ]
