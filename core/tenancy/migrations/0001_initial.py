"""Organisations and their settings, and what the application may do with tables."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
from core.tenancy.tables import TenantTable

# Tables that the owner makes are the application's to use, never to empty or to change.
GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO roundtable_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO roundtable_app;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('slug'), name='organisation_slug_once')],
            },
        ),
        migrations.CreateModel(
            name='OrganisationSettings',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('locale', models.CharField(default='en', max_length=12)),
                ('accent', models.CharField(default='teal', max_length=12)),
                ('threshold', models.PositiveSmallIntegerField(default=5)),
                ('retention_days', models.PositiveIntegerField(default=1095)),
                ('video_template', models.CharField(blank=True, default='https://meet.jit.si/{room}', max_length=200)),
                ('week_starts_on', models.PositiveSmallIntegerField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation',), name='settings_once'), models.CheckConstraint(condition=models.Q(('threshold__gte', 1)), name='settings_threshold')],
            },
        ),
        migrations.CreateModel(
            name='Due',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='due_soonest')],
            },
        ),
        TenantTable("OrganisationSettings"),
    ]
