"""Users, members, keys, tokens and invitations."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable

# Sign-in lists a person's own organisations: only while no organisation is in force.
OWN_MEMBERS = """
CREATE POLICY own ON members_member FOR SELECT USING (
  user_id = (SELECT nullif(current_setting('app.user', true), '')::uuid)
  AND coalesce((SELECT current_setting('app.organisation', true)), '') = ''
)
"""



class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('email', models.EmailField(max_length=254, verbose_name='work e-mail')),
                ('given_name', models.CharField(max_length=150, verbose_name='given name')),
                ('family_name', models.CharField(blank=True, max_length=150, verbose_name='family name')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('coordinator', 'Coordinator'), ('hr', 'HR analyst'), ('participant', 'Participant')], default='participant', max_length=12)),
                ('state', models.CharField(choices=[('invited', 'Invited'), ('live', 'Live'), ('left', 'Left')], default='invited', max_length=8)),
                ('live_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('employee_id', models.CharField(blank=True, max_length=200, verbose_name='employee id')),
                ('department', models.CharField(blank=True, max_length=200, verbose_name='department')),
                ('team', models.CharField(blank=True, max_length=200, verbose_name='team')),
                ('job_title', models.CharField(blank=True, max_length=200, verbose_name='job title')),
                ('level', models.CharField(blank=True, max_length=40, verbose_name='level')),
                ('location', models.CharField(blank=True, max_length=200, verbose_name='location')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('time_zone', models.CharField(blank=True, max_length=64, verbose_name='time zone')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('hired_on', models.DateField(blank=True, null=True, verbose_name='hired on')),
                ('manager', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(models.F('organisation'), django.db.models.functions.text.Lower('email'), name='member_email_once'),
                    models.UniqueConstraint(condition=models.Q(('employee_id', ''), _negated=True), fields=('organisation', 'employee_id'), name='member_employee_id_once'),
                    models.UniqueConstraint(fields=('organisation', 'user'), name='member_user_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('live_at', None), ('state', 'invited')), models.Q(('live_at__isnull', False), ('state', 'live')), ('state', 'left'), _connector='OR'), name='member_live_at_iff_accepted'),
                    models.CheckConstraint(condition=models.Q(('manager', None), models.Q(('manager', models.F('id')), _negated=True), _connector='OR'), name='member_is_not_own_manager'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('invited_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), fields=('organisation', 'member'), name='invitation_one_open_per_member'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('hint', models.CharField(max_length=8)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.BinaryField(max_length=32)),
                ('kind', models.CharField(choices=[('api_token', 'Api Token'), ('invitation', 'Invitation'), ('calendar', 'Calendar')], max_length=12)),
                ('object_id', models.UUIDField()),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'object_id'], name='key_of_object')],
                'constraints': [models.UniqueConstraint(fields=('sha256',), name='key_once')],
            },
        ),
        TenantTable("Member"),
        TenantTable("ApiToken"),
        TenantTable("Invitation"),
        migrations.RunSQL(OWN_MEMBERS, "DROP POLICY own ON members_member"),
    ]
