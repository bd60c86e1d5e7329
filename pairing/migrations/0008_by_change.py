"""An index that nothing asks since pulls go by the database's stamp.  Old code runs without it."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("pairing", "0007_stamped")]

    operations = [RemoveIndexConcurrently("partnership", "partnership_by_change")]
