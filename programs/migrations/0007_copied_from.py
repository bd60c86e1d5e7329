"""A copied program knows the one whose design it has.

Any release may carry it: old code leaves the column empty.
"""

import django.db.models.deletion
from django.db import migrations

import core.tenancy.models
from core.tenancy.tables import TenantReference


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0006_words_erased'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='copied_from',
            field=core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programs.program'),
        ),
        TenantReference("Program", "copied_from"),
    ]
