"""Users, members, their keys and tokens, an organisation's own ways in, and consents."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import InitialMigration, Stamped, TenantTable

# Sign-in lists a person's own organisations: only while no organisation is in force.
OWN_MEMBERS = """
CREATE POLICY own ON members_member FOR SELECT USING (
  user_id = (SELECT nullif(current_setting('app.user', true), '')::uuid)
  AND coalesce((SELECT current_setting('app.organisation', true)), '') = ''
)
"""

# A key is found before any organisation is in force; what it opens stays as it was made.
KEYS = """
REVOKE ALL ON members_key FROM roundtable_app;
GRANT SELECT, INSERT, UPDATE (expires_at, revoked_at, used_at), DELETE ON members_key
  TO roundtable_app;
"""


class Migration(InitialMigration):

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('purpose', models.CharField(choices=[('privacy', 'Privacy notice')], max_length=12)),
                ('version', models.PositiveSmallIntegerField()),
                ('text', models.TextField(blank=True, max_length=20000)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'purpose', 'version'), name='consent_text_version_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DirectoryGroup',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('external_id', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('coordinator', 'Coordinator'), ('hr', 'HR analyst'), ('participant', 'Participant')], default='participant', max_length=12)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organisation', 'external_id'), name='directory_group_external_id_once'),
                    models.CheckConstraint(condition=models.Q(('role', 'owner'), _negated=True), name='directory_group_makes_no_owner'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DirectoryToken',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('hint', models.CharField(max_length=8)),
                ('rotated_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('protocol', models.CharField(choices=[('oidc', 'OpenID Connect'), ('saml', 'SAML 2.0')], db_default='oidc', default='oidc', max_length=4)),
                ('issuer', models.CharField(max_length=300, verbose_name='issuer')),
                ('client_id', models.CharField(blank=True, max_length=300, verbose_name='client id')),
                ('secret', models.TextField(blank=True)),
                ('sign_in_url', models.URLField(blank=True, db_default='', max_length=1000)),
                ('certificates', models.TextField(blank=True, db_default='')),
                ('subject_claim', models.CharField(choices=[('sub', 'The usual: sub, or the NameID of SAML'), ('oid', 'Microsoft Entra’s object id: oid, or objectidentifier of SAML')], default='sub', max_length=8)),
                ('registered_slug', models.SlugField(blank=True, db_default='', db_index=False, max_length=40)),
                ('tested_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation',), name='identity_provider_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='JoinDomain',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('domain', models.CharField(max_length=253, verbose_name='domain')),
                ('proof', models.CharField(max_length=64)),
                ('proved_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'domain'), name='join_domain_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.BinaryField(max_length=32)),
                ('kind', models.CharField(choices=[('api_token', 'Api Token'), ('invitation', 'Invitation'), ('calendar', 'Calendar'), ('address', 'Address'), ('certificate', 'Certificate'), ('scim', 'Scim'), ('concern', 'Concern'), ('concern_code', 'Concern Code'), ('domain', 'Domain')], max_length=12)),
                ('object_id', models.UUIDField()),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['kind', 'object_id'], name='key_of_object'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('sha256',), name='key_once'),
                ],
            },
        ),
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
                'constraints': [
                    models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('email', models.EmailField(max_length=254, verbose_name='work e-mail')),
                ('given_name', models.CharField(max_length=150, verbose_name='given name')),
                ('family_name', models.CharField(blank=True, max_length=150, verbose_name='family name')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('coordinator', 'Coordinator'), ('hr', 'HR analyst'), ('participant', 'Participant')], default='participant', max_length=12)),
                ('state', models.CharField(choices=[('invited', 'Invited'), ('live', 'Live'), ('left', 'Left')], default='invited', max_length=8)),
                ('live_at', models.DateTimeField(blank=True, null=True)),
                ('runs_all', models.BooleanField(db_default=False, default=False)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('bell_opened_at', models.DateTimeField(blank=True, null=True)),
                ('employee_id', models.CharField(blank=True, max_length=200, verbose_name='employee id')),
                ('department', models.CharField(blank=True, max_length=200, verbose_name='department')),
                ('team', models.CharField(blank=True, max_length=200, verbose_name='team')),
                ('job_title', models.CharField(blank=True, max_length=200, verbose_name='job title')),
                ('level', models.CharField(blank=True, max_length=40, verbose_name='level')),
                ('location', models.CharField(blank=True, max_length=200, verbose_name='location')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('time_zone', models.CharField(blank=True, max_length=64, verbose_name='time zone')),
                ('language', models.CharField(blank=True, db_default='', default='', max_length=12, verbose_name='language')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('hired_on', models.DateField(blank=True, null=True, verbose_name='hired on')),
                ('erasure_asked_at', models.DateTimeField(blank=True, null=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('came_back_as', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('manager', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('merged_into', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('successor', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(models.F('organisation'), django.db.models.functions.text.Lower('email'), name='member_email_once'),
                    models.UniqueConstraint(condition=models.Q(('employee_id', ''), _negated=True), fields=('organisation', 'employee_id'), name='member_employee_id_once'),
                    models.UniqueConstraint(fields=('organisation', 'user'), name='member_user_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('live_at', None), ('state', 'invited')), models.Q(('live_at__isnull', False), ('state', 'live')), ('state', 'left'), _connector='OR'), name='member_live_at_iff_accepted'),
                    models.CheckConstraint(condition=models.Q(('manager', None), models.Q(('manager', models.F('id')), _negated=True), _connector='OR'), name='member_is_not_own_manager'),
                    models.CheckConstraint(condition=models.Q(('given_name', ''), _negated=True), name='member_has_given_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AddressChange',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('email', models.EmailField(max_length=254, verbose_name='work e-mail')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('confirmed_at', None), ('withdrawn_at', None)), fields=('organisation', 'member'), name='address_change_one_open_per_member'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('program_id', models.UUIDField(blank=True, null=True)),
                ('addresses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, null=True, size=None)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('hint', models.CharField(max_length=8)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_on', models.DateField(blank=True, null=True)),
                ('pulls', models.PositiveIntegerField(db_default=0, default=0)),
                ('rows', models.PositiveBigIntegerField(db_default=0, default=0)),
                ('rotated_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('offered_to', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('purpose', models.CharField(choices=[('privacy', 'Privacy notice')], max_length=12)),
                ('version', models.PositiveSmallIntegerField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('organisation', 'member', 'purpose', 'version'), name='consent_in_force_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DirectoryEntry',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('external_id', models.CharField(blank=True, max_length=200)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member'), name='directory_entry_once_per_member'),
                    models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organisation', 'external_id'), name='directory_entry_external_id_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DirectoryGroupMember',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('group', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='members.directorygroup')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'group', 'member'), name='directory_group_member_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('subject', models.CharField(max_length=255)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('provider', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.identityprovider')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'provider', 'subject'), name='identity_once'),
                    models.UniqueConstraint(fields=('organisation', 'provider', 'member'), name='identity_once_per_member'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('first_sent_at', models.DateTimeField(default=core.common.clock.now)),
                ('place', models.JSONField(blank=True, default=dict)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('declined_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('invited_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), fields=('organisation', 'member'), name='invitation_one_open_per_member'),
                ],
            },
        ),
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
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('organisation', 'stays', 'goes'), name='merge_proposal_one_open_per_pair'),
                    models.CheckConstraint(condition=models.Q(('stays', models.F('goes')), _negated=True), name='merge_proposal_of_two'),
                    models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'merged'), _negated=True), models.Q(('goes_agreed_at__isnull', False), ('stays_agreed_at__isnull', False)), _connector='OR'), name='merge_proposal_merged_by_two'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='merge_proposal_closed_at_iff_closed'),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        TenantTable("Member"),
        Stamped("Member"),
        migrations.RunSQL(OWN_MEMBERS, "DROP POLICY own ON members_member"),
        TenantTable("ApiToken"),
        TenantTable("Invitation"),
        TenantTable("AddressChange"),
        TenantTable("DirectoryToken"),
        TenantTable("DirectoryEntry"),
        TenantTable("DirectoryGroup"),
        TenantTable("DirectoryGroupMember"),
        TenantTable("IdentityProvider"),
        TenantTable("Identity"),
        TenantTable("JoinDomain"),
        TenantTable("ConsentText"),
        TenantTable("Consent"),
        TenantTable("MergeProposal"),
    ]
