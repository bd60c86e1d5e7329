"""An e-mail may go to another mailbox than the person's own: one that is to be confirmed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("notifications", "0002_email_cause")]

    operations = [
        migrations.AddField(
            "email", "address", models.EmailField(blank=True, default="", max_length=254)
        ),
    ]
