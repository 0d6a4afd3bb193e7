from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies = [("assignments", "0002_initial")]

    operations = [
        NeverEdit("Submission"),
        NeverEdit("PutBackVersion"),
        NeverEdit("AddedMember"),
    ]
