"""Labels say what a reader would say; no column changes.  Any release may carry it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0003_people_imports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='program',
            name='sessions_agreed',
            field=models.PositiveSmallIntegerField(default=4, verbose_name='minimum number of sessions'),
        ),
        migrations.AlterField(
            model_name='program',
            name='sessions_planned',
            field=models.PositiveSmallIntegerField(default=6, verbose_name='sessions in a season'),
        ),
    ]
