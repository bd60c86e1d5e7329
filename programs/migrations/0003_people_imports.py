"""Imports are read and planned by jobs: how the file was read, what is planned and written."""

import django.db.models.deletion
from django.db import migrations, models

import core.tenancy.models
from core.tenancy.tables import TenantReference


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0001_initial'),
        ('programs', '0002_life'),
    ]

    operations = [
        migrations.AddField(
            model_name='peopleimport',
            name='answers',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='peopleimport',
            name='options',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='peopleimport',
            name='preview',
            field=core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile'),
        ),
        migrations.AddField(
            model_name='peopleimport',
            name='reading',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='peopleimport',
            name='written',
            field=core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile'),
        ),
        migrations.AlterField(
            model_name='peopleimport',
            name='state',
            field=models.CharField(choices=[('reading', 'Being read'), ('mapping', 'Columns to be confirmed'), ('planning', 'Being planned'), ('preview', 'Ready to apply'), ('applying', 'Being applied'), ('applied', 'Applied'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='reading', max_length=10),
        ),
        TenantReference("PeopleImport", "preview"),
        TenantReference("PeopleImport", "written"),
    ]
