"""Reads of who changed which setting."""

from django.db.models import QuerySet

from courses.models import Course, SettingChange

LATEST = 5
"""So many stand beside a setting."""


def changes_of(course: Course, topic: str = "") -> QuerySet[SettingChange]:
    """The newest first, of the whole course or of one topic."""
    found = SettingChange.objects.filter(course=course).select_related("changed_by__user")
    return found.filter(topic=topic) if topic else found


def latest_changes(course: Course, topic: str) -> list[SettingChange]:
    """What stands beside a setting."""
    return list(changes_of(course, topic)[:LATEST])
