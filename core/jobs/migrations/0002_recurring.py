"""When what the platform does now and then is due next: it outlives beat's container."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Recurring",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField()),
            ],
        ),
    ]
