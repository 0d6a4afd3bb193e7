from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies = [("gradebook", "0001_initial")]

    operations = [
        NeverEdit("Freeze"),
        NeverEdit("FinalGrade"),
    ]
