"""What waits for coordinators, as it was last judged: two tables.

Any release may carry it: old code knows neither, and what a row is about takes it along.
"""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0019_token_life'),
        ('metrics', '0004_impact'),
        ('pairing', '0007_stamped'),
        ('programs', '0014_objectives'),
        ('tenancy', '0010_tombstone'),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(max_length=20)),
                ('since', models.DateField()),
                ('facts', models.JSONField(blank=True, default=list)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('person', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'reason', 'cohort', 'partnership', 'person'), name='finding_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='FindingMark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('judged_at', models.DateTimeField()),
                ('first_id', models.UUIDField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation',), name='finding_mark_once')],
            },
        ),
        TenantTable("Finding", with_parent=("cohort", "partnership", "person")),
        TenantTable("FindingMark"),
    ]
