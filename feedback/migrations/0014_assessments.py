"""Assessments at the midpoint and by peers, confidence and belonging, an organisation's own scales.

Any release may carry it: old code leaves the answers to scales empty, and knows no new table.
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
        ('feedback', '0013_review'),
        ('programs', '0005_runs_all'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
        migrations.AddField(
            model_name='assessment',
            name='scales',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        # choices are nothing to the database
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='assessment',
                    name='moment',
                    field=models.CharField(choices=[('start', 'Start'), ('mid', 'Midpoint'), ('end', 'End')], max_length=5),
                ),
            ],
        ),
        migrations.CreateModel(
            name='PeerResult',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('moment', models.CharField(choices=[('start', 'Start'), ('mid', 'Midpoint'), ('end', 'End')], max_length=5)),
                ('shown', models.BooleanField()),
                ('variance', models.DecimalField(blank=True, decimal_places=4, max_digits=6, null=True)),
                ('degrees', models.PositiveSmallIntegerField(default=0)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='PeerMark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('total', models.PositiveSmallIntegerField()),
                ('n', models.PositiveSmallIntegerField()),
                ('competency', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.competency')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('result', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='marks', to='feedback.peerresult')),
            ],
        ),
        migrations.CreateModel(
            name='OwnScale',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80)),
                ('question', models.CharField(max_length=200)),
                ('items', models.JSONField(default=list)),
                ('steps', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ('source', models.CharField(max_length=300)),
                ('licence', models.CharField(max_length=200)),
                ('use', models.CharField(blank=True, max_length=300)),
                ('exportable', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'name'), name='own_scale_name_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='peerresult',
            constraint=models.UniqueConstraint(fields=('organisation', 'enrolment', 'moment'), name='peer_result_once'),
        ),
        migrations.AddConstraint(
            model_name='peermark',
            constraint=models.UniqueConstraint(fields=('organisation', 'result', 'competency'), name='peer_mark_once'),
        ),
        migrations.AddConstraint(
            model_name='peermark',
            constraint=models.CheckConstraint(condition=models.Q(('n__gte', 3)), name='peer_mark_of_three'),
        ),
        migrations.AddConstraint(
            model_name='peermark',
            constraint=models.CheckConstraint(condition=models.Q(('total__gt', models.F('n')), ('total__lt', models.F('n') * 5)), name='peer_mark_between'),
        ),
        TenantTable("PeerResult"),
        TenantTable("PeerMark"),
        TenantTable("OwnScale"),
    ]
