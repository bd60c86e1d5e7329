"""How much reaches a person, and when: their quiet hours, how often each kind comes, nudges counted.

What somebody had turned off that moves their calendar comes again: it can no more be turned off.
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
        ('members', '0001_initial'),
        ('notifications', '0005_delivery'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='KindPace',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(max_length=60)),
                ('pace', models.CharField(choices=[('at_once', 'At once'), ('daily', 'Once a day, in one e-mail'), ('weekly', 'On Mondays, in one e-mail')], max_length=8)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='QuietHours',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('quiet_from', models.PositiveSmallIntegerField()),
                ('quiet_until', models.PositiveSmallIntegerField()),
                ('weekends', models.BooleanField()),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.AddField(
            model_name='email',
            name='answered_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='email',
            name='escalated_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='email',
            name='needed_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='email',
            index=models.Index(fields=['organisation', 'member', 'kind', 'created_at'], name='email_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='kindpace',
            constraint=models.UniqueConstraint(fields=('organisation', 'member', 'kind'), name='pace_once_per_kind'),
        ),
        migrations.AddConstraint(
            model_name='kindpace',
            constraint=models.CheckConstraint(condition=models.Q(('pace__in', ['at_once', 'daily', 'weekly'])), name='pace_known'),
        ),
        migrations.AddConstraint(
            model_name='quiethours',
            constraint=models.UniqueConstraint(fields=('organisation', 'member'), name='quiet_hours_once'),
        ),
        migrations.AddConstraint(
            model_name='quiethours',
            constraint=models.CheckConstraint(condition=models.Q(('quiet_from__lte', 23), ('quiet_until__lte', 23)), name='quiet_hours_of_a_day'),
        ),
        TenantTable("KindPace"),
        TenantTable("QuietHours"),
    ]
