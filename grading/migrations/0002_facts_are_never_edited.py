from typing import ClassVar

from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies: ClassVar = [("grading", "0001_initial")]

    operations: ClassVar = [
        NeverEdit("Mark"),
        NeverEdit("Release"),
        NeverEdit("ReleasedGrade"),
    ]
