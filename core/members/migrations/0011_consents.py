"""An organisation's own consent texts, and who has agreed to which version.

New tables alone: old code neither reads nor writes them.
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
        ('members', '0010_saml_and_groups'),
        ('tenancy', '0004_single_sign_on'),
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
                'constraints': [models.UniqueConstraint(fields=('organisation', 'purpose', 'version'), name='consent_text_version_once')],
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('organisation', 'member', 'purpose', 'version'), name='consent_in_force_once')],
            },
        ),
        TenantTable("ConsentText"),
        TenantTable("Consent"),
    ]
