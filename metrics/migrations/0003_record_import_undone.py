"""An import of HR records may be undone.  Release 2: two more words for its state, no change of a table."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0002_fit_look'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='recordimport',
                    name='state',
                    field=models.CharField(choices=[('reading', 'Being read'), ('mapping', 'Columns to be confirmed'), ('planning', 'Being planned'), ('preview', 'Ready to apply'), ('applying', 'Being applied'), ('applied', 'Applied'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='reading', max_length=10),
                ),
            ],
        ),
    ]
