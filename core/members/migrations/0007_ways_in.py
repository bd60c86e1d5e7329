"""Ways in of an organisation's own: its directory (SCIM), its provider (SSO), its mail domains.

New tables and kinds of keys alone: old code neither reads nor writes them.
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
        ('members', '0006_grants'),
        ('tenancy', '0004_single_sign_on'),
    ]

    operations = [
        migrations.AlterField(
            model_name='key',
            name='kind',
            field=models.CharField(choices=[('api_token', 'Api Token'), ('invitation', 'Invitation'), ('calendar', 'Calendar'), ('address', 'Address'), ('scim', 'Scim'), ('domain', 'Domain')], max_length=12),
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
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('issuer', models.URLField(max_length=300, verbose_name='issuer')),
                ('client_id', models.CharField(max_length=300, verbose_name='client id')),
                ('secret', models.TextField()),
                ('subject_claim', models.CharField(choices=[('sub', 'sub: the usual'), ('oid', 'oid: Microsoft Entra, the same id in every application')], default='sub', max_length=8)),
                ('tested_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
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
                'constraints': [models.UniqueConstraint(fields=('organisation', 'member'), name='directory_entry_once_per_member'), models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organisation', 'external_id'), name='directory_entry_external_id_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='identityprovider',
            constraint=models.UniqueConstraint(fields=('organisation',), name='identity_provider_once'),
        ),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.UniqueConstraint(fields=('organisation', 'provider', 'subject'), name='identity_once'),
        ),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.UniqueConstraint(fields=('organisation', 'provider', 'member'), name='identity_once_per_member'),
        ),
        migrations.AddConstraint(
            model_name='joindomain',
            constraint=models.UniqueConstraint(fields=('organisation', 'domain'), name='join_domain_once'),
        ),
        TenantTable("DirectoryToken"),
        TenantTable("DirectoryEntry"),
        TenantTable("IdentityProvider"),
        TenantTable("Identity"),
        TenantTable("JoinDomain"),
    ]
