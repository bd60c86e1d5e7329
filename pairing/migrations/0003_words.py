"""Labels say what a reader would say; no column changes.  Any release may carry it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pairing', '0002_unaccepted_too'),
    ]

    operations = [
        migrations.AlterField(
            model_name='partnerrequest',
            name='state',
            field=models.CharField(choices=[('open', 'Waiting for an answer'), ('question', 'Asked to tell more'), ('accepted', 'Accepted'), ('declined', 'Not this time'), ('lapsed', 'Not answered in time'), ('withdrawn', 'Withdrawn'), ('closed', 'Closed')], default='open', max_length=10),
        ),
        migrations.AlterField(
            model_name='partnership',
            name='state',
            field=models.CharField(choices=[('proposed', 'Proposed'), ('active', 'Active'), ('paused', 'Paused'), ('completed', 'Completed'), ('ended', 'Ended'), ('lapsed', 'Lapsed'), ('never_started', 'Never started'), ('withdrawn', 'Undone')], default='active', max_length=14),
        ),
    ]
