"""Organisations and their settings, what was deleted, and what the application may do with tables.

Global tables have no policy that divides them by organisation: there the application may do what
an operation does, and no more.  An organisation's number stays as it was made, an address that it
had is never changed, and what only Django writes is read.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import InitialMigration, StampFunctions, TenantTable

# Tables that the owner makes are the application's to use, never to empty or to change.
GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO roundtable_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO roundtable_app;
"""

GLOBAL = """
REVOKE ALL ON django_migrations, django_content_type, auth_permission, auth_group,
  auth_group_permissions, tenancy_organisation, tenancy_formerslug FROM roundtable_app;
GRANT SELECT ON django_migrations, django_content_type, auth_permission, auth_group,
  auth_group_permissions TO roundtable_app;
GRANT SELECT, INSERT, UPDATE (name, slug, closed_at) ON tenancy_organisation TO roundtable_app;
GRANT SELECT, INSERT, DELETE ON tenancy_formerslug TO roundtable_app;
"""


class Migration(InitialMigration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
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
                'constraints': [
                    models.UniqueConstraint(django.db.models.functions.text.Lower('slug'), name='organisation_slug_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Due',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('hourly', models.BooleanField(db_default=False, default=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['due_at'], name='due_soonest'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FormerSlug',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=40)),
                ('left_at', models.DateTimeField(default=core.common.clock.now)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(django.db.models.functions.text.Lower('slug'), name='former_slug_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OrganisationSettings',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('locale', models.CharField(blank=True, default='en', max_length=12)),
                ('accent', models.CharField(default='teal', max_length=12)),
                ('logo', models.BinaryField(blank=True, db_default=b'', default=b'')),
                ('logo_digest', models.CharField(blank=True, db_default='', default='', max_length=12)),
                ('threshold', models.PositiveSmallIntegerField(default=5)),
                ('retention_days', models.PositiveIntegerField(default=1095)),
                ('words_months', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('video_template', models.CharField(blank=True, default='', max_length=200)),
                ('own_facts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=core.tenancy.models._own_facts, size=None)),
                ('week_starts_on', models.PositiveSmallIntegerField(default=0)),
                ('idle_minutes', models.PositiveSmallIntegerField(db_default=720, default=720)),
                ('asks_second_step', models.BooleanField(db_default=False, default=False)),
                ('asks_sso', models.BooleanField(db_default=False, default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation',), name='settings_once'),
                    models.CheckConstraint(condition=models.Q(('threshold__gte', 1)), name='settings_threshold'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('table', models.CharField(max_length=63)),
                ('stamped_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'base_manager_name': 'objects',
                'indexes': [
                    models.Index(fields=['organisation', 'table', 'stamped_at'], name='tombstone_by_table'),
                ],
            },
        ),
        migrations.RunSQL(GLOBAL, migrations.RunSQL.noop),
        TenantTable("OrganisationSettings"),
        TenantTable("Tombstone"),
        StampFunctions(),
    ]
