"""Kinds of keys for concerns: the link that asks for no sign-in, and the code of one raised so.

The column stays as it is, and old code neither writes nor looks for such keys.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0011_consents'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='key',
                    name='kind',
                    field=models.CharField(choices=[('api_token', 'Api Token'), ('invitation', 'Invitation'), ('calendar', 'Calendar'), ('address', 'Address'), ('scim', 'Scim'), ('concern', 'Concern'), ('concern_code', 'Concern Code'), ('domain', 'Domain')], max_length=12),
                ),
            ],
        ),
    ]
