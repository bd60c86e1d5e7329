"""A testimonial may be quoted in invitations too, where its author allows it.

Any release may carry it: nothing changes in the database.
"""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0014_assessments'),
    ]

    operations = [
        migrations.AlterField(
            model_name='testimonial',
            name='places',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('community', 'To the people of this cohort'), ('report', 'In the report, for coordinators and HR'), ('join', 'To whoever may join this program'), ('email', 'In the e-mail that invites people to this program')], max_length=9), size=None),
        ),
    ]
