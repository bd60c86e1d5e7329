"""Two people who have both joined are merged when each of them says yes.

A new table alone: old code neither reads nor writes it, and merges as it did.
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
        ('members', '0013_certificates'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
        migrations.CreateModel(
            name='MergeProposal',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stays_agreed_at', models.DateTimeField(blank=True, null=True)),
                ('goes_agreed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('merged', 'Merged'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], max_length=9)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('goes', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('proposed_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('stays', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('organisation', 'stays', 'goes'), name='merge_proposal_one_open_per_pair'), models.CheckConstraint(condition=models.Q(('stays', models.F('goes')), _negated=True), name='merge_proposal_of_two'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'merged'), _negated=True), models.Q(('goes_agreed_at__isnull', False), ('stays_agreed_at__isnull', False)), _connector='OR'), name='merge_proposal_merged_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='merge_proposal_closed_at_iff_closed')],
            },
        ),
        TenantTable("MergeProposal"),
    ]
