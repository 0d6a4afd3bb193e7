"""Components whose marks are entered get the item that outlives their scheme."""

from typing import Any, ClassVar

from django.db import migrations

from courses.immutable import NeverEdit


def make_items(apps: Any, _: Any) -> None:
    item = apps.get_model("grading", "EnteredItem")
    for component in (
        apps.get_model("grading", "Component").objects.filter(kind="entered", entered=None).select_related("scheme")
    ):
        component.entered, _ = item.objects.get_or_create(course=component.scheme.course, name=component.name)
        component.save()


class Migration(migrations.Migration):
    dependencies: ClassVar = [("grading", "0005_entered_marks")]

    operations: ClassVar = [
        migrations.RunPython(make_items, migrations.RunPython.noop),
        NeverEdit("EnteredMark"),
        NeverEdit("MarkRelease"),
    ]
