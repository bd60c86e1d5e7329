from django.db import migrations


class Migration(migrations.Migration):
    """Every figure is a ratio of counts: nothing ever wrote a sum or read one."""

    dependencies = [("metrics", "0001_initial")]

    operations = [
        migrations.RemoveField("dailytally", "total"),
        migrations.RemoveField("dailytally", "squares"),
    ]
