"""Tokens: of a program, from allowed addresses, rotated, handed over, counted.  Old code knows none."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.tenancy.models
from core.tenancy.tables import TenantReference


class Migration(migrations.Migration):

    dependencies = [("members", "0019_token_life")]

    operations = [
        migrations.AddField(
            "apitoken",
            "offered_to",
            core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="members.member"),
        ),
        TenantReference("ApiToken", "offered_to"),
        migrations.AddField("apitoken", "program_id", models.UUIDField(blank=True, null=True)),
        migrations.AddField(
            "apitoken",
            "addresses",
            django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, null=True, size=None),
        ),
        migrations.AddField("apitoken", "pulls", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("apitoken", "rows", models.PositiveBigIntegerField(db_default=0, default=0)),
        migrations.AddField("apitoken", "rotated_at", models.DateTimeField(blank=True, null=True)),
    ]
