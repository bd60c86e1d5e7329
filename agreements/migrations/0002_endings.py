"""Goals may end with their partnership; a decision may let its circle rest."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="pause_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="goal",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "Waiting for everybody"),
                    ("active", "Active"),
                    ("met", "Met"),
                    ("dropped", "Dropped"),
                    ("over", "Ended with the partnership"),
                ],
                default="active",
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="goal", name="goal_settled_whole"),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                name="goal_settled_whole",
                condition=Q(
                    state__in=["met", "dropped", "over"],
                    settled_at__isnull=False,
                    settled_on__isnull=False,
                )
                | Q(state__in=["proposed", "active"], settled_at=None, settled_on=None),
            ),
        ),
    ]
