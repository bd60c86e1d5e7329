"""Two rows that are one person: the later points to the earlier.  Old code leaves it alone."""

import django.db.models.deletion
from django.db import migrations

from core.tenancy.models import TenantForeignKey
from core.tenancy.tables import TenantReference


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0002_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="merged_into",
            field=TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
            ),
        ),
        TenantReference("Member", "merged_into"),
    ]
