"""An announcement may be to a saved segment.  Release 2: release 1 sends to the `chosen` beside it."""

import django.db.models.deletion
from django.db import migrations

import core.tenancy.models
from core.tenancy.tables import TenantReference


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0002_segment'),
        ('programs', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='announcement',
            name='segment',
            field=core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.segment'),
        ),
        TenantReference("Announcement", "segment"),
    ]
