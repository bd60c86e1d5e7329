"""An index that nothing asks since pulls go by the database's stamp.  Old code runs without it."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("programs", "0014_objectives")]

    operations = [RemoveIndexConcurrently("enrolment", "enrolment_by_change")]
