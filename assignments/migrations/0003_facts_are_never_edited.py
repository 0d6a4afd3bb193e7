from typing import ClassVar

from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies: ClassVar = [("assignments", "0002_initial")]

    operations: ClassVar = [
        NeverEdit("Submission"),
        NeverEdit("PutBackVersion"),
    ]
