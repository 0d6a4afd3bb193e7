from django.db import migrations

from courses.immutable import NeverEdit


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [
        NeverEdit("SettingChange"),
    ]
