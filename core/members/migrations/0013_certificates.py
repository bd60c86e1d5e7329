"""A kind of Key for certificates.  Only code looks at the choices: the column stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0012_concern_keys'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='key',
                    name='kind',
                    field=models.CharField(choices=[('api_token', 'Api Token'), ('invitation', 'Invitation'), ('calendar', 'Calendar'), ('address', 'Address'), ('certificate', 'Certificate'), ('scim', 'Scim'), ('concern', 'Concern'), ('concern_code', 'Concern Code'), ('domain', 'Domain')], max_length=12),
                ),
            ],
        ),
    ]
