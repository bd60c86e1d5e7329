"""Certificates of completed enrolments, thanks among partners, milestones.

Any release may carry it: old code knows none of the tables.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0008_built'),
        ('members', '0013_certificates'),
        ('pairing', '0004_going_on'),
        ('programs', '0005_runs_all'),
        ('tenancy', '0004_single_sign_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('issued_at', models.DateTimeField()),
                ('shows_competencies', models.BooleanField(default=False)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_words', models.TextField(blank=True, max_length=500)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('revoked_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'enrolment'), name='certificate_once_per_enrolment')],
            },
        ),
        migrations.CreateModel(
            name='Thanks',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=500)),
                ('shown', models.BooleanField(default=False)),
                ('given_at', models.DateTimeField()),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('to', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('author', models.F('to')), _negated=True), name='thanks_are_of_somebody_else')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('contact_kept', 'Three months of regular contact'), ('goal_met', 'A goal is reached'), ('first_lead', 'A session led for the first time'), ('everybody_led', 'Everybody has led a session'), ('all_roles_held', 'Every role held'), ('decision_kept', 'A decision kept at its review'), ('closing_done', 'Completed as agreed')], max_length=14)),
                ('reached_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'partnership', 'seat', 'kind'), name='milestone_once', nulls_distinct=False)],
            },
        ),
        TenantTable("Certificate"),
        TenantTable("Milestone"),
        TenantTable("Thanks", private=True, with_parent=("partnership",)),
    ]
