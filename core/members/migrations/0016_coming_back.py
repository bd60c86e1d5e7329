"""Who came back by another sign-in is somebody new, whom the old row names.

One nullable column: old code leaves it alone, and gives such a row to the other sign-in as it did.
"""

import django.db.models.deletion
from django.db import migrations

from core.tenancy.models import TenantForeignKey
from core.tenancy.tables import TenantReference


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0015_provider_slug"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="came_back_as",
            field=TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
            ),
        ),
        TenantReference("Member", "came_back_as"),
    ]
