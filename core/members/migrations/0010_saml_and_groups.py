"""SAML beside OpenID Connect, and the groups that a directory sends.

Old code writes providers without the new columns: they have defaults in the database.
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
        ('members', '0009_privacy'),
        ('tenancy', '0004_single_sign_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='identityprovider',
            name='certificates',
            field=models.TextField(blank=True, db_default=''),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='protocol',
            field=models.CharField(choices=[('oidc', 'OpenID Connect'), ('saml', 'SAML 2.0')], db_default='oidc', default='oidc', max_length=4),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='sign_in_url',
            field=models.URLField(blank=True, db_default='', max_length=1000),
        ),
        # the columns stay as they are: only forms look at these
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='identityprovider',
                    name='client_id',
                    field=models.CharField(blank=True, max_length=300, verbose_name='client id'),
                ),
                migrations.AlterField(
                    model_name='identityprovider',
                    name='issuer',
                    field=models.CharField(max_length=300, verbose_name='issuer'),
                ),
                migrations.AlterField(
                    model_name='identityprovider',
                    name='secret',
                    field=models.TextField(blank=True),
                ),
                migrations.AlterField(
                    model_name='identityprovider',
                    name='subject_claim',
                    field=models.CharField(choices=[('sub', 'The usual: sub, or the NameID of SAML'), ('oid', 'Microsoft Entra’s object id: oid, or objectidentifier of SAML')], default='sub', max_length=8),
                ),
            ],
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
        ),
        migrations.AddConstraint(
            model_name='directorygroup',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organisation', 'external_id'), name='directory_group_external_id_once'),
        ),
        migrations.AddConstraint(
            model_name='directorygroup',
            constraint=models.CheckConstraint(condition=models.Q(('role', 'owner'), _negated=True), name='directory_group_makes_no_owner'),
        ),
        migrations.AddConstraint(
            model_name='directorygroupmember',
            constraint=models.UniqueConstraint(fields=('organisation', 'group', 'member'), name='directory_group_member_once'),
        ),
        TenantTable("DirectoryGroup"),
        TenantTable("DirectoryGroupMember"),
    ]
