from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        NeverEdit("TopicMessage"),
    ]
