from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies = [("grading", "0001_initial")]

    operations = [
        NeverEdit("Mark"),
        NeverEdit("Release"),
        NeverEdit("ReleasedGrade"),
        NeverEdit("RegradeMessage"),
        NeverEdit("PairNote"),
        NeverEdit("Marking"),
        NeverEdit("SecondMark"),
        NeverEdit("Withdrawal"),
        NeverEdit("Ruling"),
        NeverEdit("ContributionFactor"),
    ]
