"""Enrolments and cohorts live a whole life: who ended one and why, lines, moves, who may enter."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='enrolment',
            name='enrolment_once',
        ),
        migrations.RemoveConstraint(
            model_name='enrolment',
            name='enrolment_ended_iff_over',
        ),
        migrations.AddField(
            model_name='cohort',
            name='eligibility',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='cohort',
            name='enrol_until',
            field=models.DateField(blank=True, null=True, verbose_name='last day to enrol'),
        ),
        migrations.AddField(
            model_name='cohort',
            name='entry',
            field=models.CharField(choices=[('application', 'By application'), ('open', 'Open to all'), ('invitation', 'By invitation only')], default='application', max_length=11),
        ),
        migrations.AddField(
            model_name='cohort',
            name='length_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='cohort',
            name='moved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='cohort',
            name='moved_from',
            field=models.CharField(blank=True, choices=[('draft', 'Draft'), ('enrolling', 'Enrolling'), ('matching', 'Matching'), ('running', 'Running'), ('closing', 'Closing'), ('closed', 'Closed'), ('called_off', 'Called off')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='decision_words',
            field=models.TextField(blank=True, default='', max_length=1000),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='ended_by',
            field=models.CharField(blank=True, choices=[('person', 'The person'), ('on_request', 'A coordinator, as the person asked'), ('program', 'A coordinator')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='expectations_version',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='state_before',
            field=models.CharField(blank=True, choices=[('applied', 'Applied'), ('waitlisted', 'On the waiting list'), ('declined', 'Declined'), ('accepted', 'Accepted'), ('active', 'Active'), ('completed', 'Completed'), ('finished', 'Finished'), ('withdrawn', 'Withdrawn')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='waiting_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='program',
            name='expectations_mentees',
            field=models.TextField(blank=True, default='', max_length=4000),
        ),
        migrations.AddField(
            model_name='program',
            name='expectations_mentors',
            field=models.TextField(blank=True, default='', max_length=4000),
        ),
        migrations.AddField(
            model_name='program',
            name='expectations_version',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='cohort',
            name='ends_on',
            field=models.DateField(blank=True, null=True, verbose_name='ends on'),
        ),
        migrations.AlterField(
            model_name='cohort',
            name='phase',
            field=models.CharField(choices=[('draft', 'Draft'), ('enrolling', 'Enrolling'), ('matching', 'Matching'), ('running', 'Running'), ('closing', 'Closing'), ('closed', 'Closed'), ('called_off', 'Called off')], default='draft', max_length=10),
        ),
        migrations.AlterField(
            model_name='enrolment',
            name='state',
            field=models.CharField(choices=[('applied', 'Applied'), ('waitlisted', 'On the waiting list'), ('declined', 'Declined'), ('accepted', 'Accepted'), ('active', 'Active'), ('completed', 'Completed'), ('finished', 'Finished'), ('withdrawn', 'Withdrawn')], default='applied', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='cohort',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_on__isnull', False), ('length_days', None)), models.Q(('ends_on', None), ('length_days__gte', 1)), _connector='OR'), name='cohort_ends_or_rolls'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['completed', 'finished']), _negated=True), fields=('organisation', 'cohort', 'member'), name='enrolment_once'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['completed', 'finished', 'withdrawn'])), models.Q(models.Q(('state__in', ['completed', 'finished', 'withdrawn']), _negated=True), ('ended_at', None)), _connector='OR'), name='enrolment_ended_iff_over'),
        ),
    ]
