"""A program says mentor, mentee, circle and session in its own words.  The code before says ours."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0002_announcement_segment'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='word_circle',
            field=models.CharField(db_default='circle', default='circle', max_length=16),
        ),
        migrations.AddField(
            model_name='program',
            name='word_mentee',
            field=models.CharField(db_default='mentee', default='mentee', max_length=16),
        ),
        migrations.AddField(
            model_name='program',
            name='word_mentor',
            field=models.CharField(db_default='mentor', default='mentor', max_length=16),
        ),
        migrations.AddField(
            model_name='program',
            name='word_session',
            field=models.CharField(db_default='session', default='session', max_length=16),
        ),
    ]
