"""Keeping who changed which setting, from what to what, and why: written in the transaction that changes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.forms import BaseForm, ModelChoiceField

from courses.models import Enrolment, SettingChange

LONGEST_NAME = 200
LONGEST_TEXT = 4000
LONGEST_REASON = 500
LATE_RULE, WEIGHTS, PEOPLE, COURSE, FINAL = "late-rule", "weights", "people", "course", "final-grades"
"""Topics beside those of single assignments."""


@dataclass(frozen=True)
class Change:
    """One setting of one thing, in words. `before` empty: it was not there; `after` empty: it is no more."""

    subject: str
    setting: str
    before: str
    after: str


def assignment_topic(key: int) -> str:
    """Under which the settings of one assignment stand; its short name may change."""
    return f"assignment:{key}"


def record_changes(*, by: Enrolment, topic: str, changes: Iterable[Change], reason: str = "") -> list[SettingChange]:
    """Keep them, without those that change nothing."""
    return SettingChange.objects.bulk_create(
        SettingChange(
            course_id=by.course_id, topic=topic, changed_by=by, reason=reason[:LONGEST_REASON],
            subject=change.subject[:LONGEST_NAME], setting=change.setting[:LONGEST_NAME],
            before=change.before[:LONGEST_TEXT], after=change.after[:LONGEST_TEXT],
        )
        for change in changes
        if change.before != change.after
    )  # fmt: skip


def changes_in(form: BaseForm, subject: str, by: Enrolment, *, without: Sequence[str] = ()) -> list[Change]:
    """What a valid form changes of what it was made with. `without`: fields that are no settings."""
    return [
        Change(
            subject,
            str(form[name].label),
            _said(form, name, form.get_initial_for_field(form.fields[name], name), by),
            _said(form, name, form.cleaned_data.get(name), by),
        )
        for name in form.changed_data
        if name not in without
    ]


def _said(form: BaseForm, name: str, value: Any, by: Enrolment) -> str:
    """A value as people read it; instants in the course's time."""
    field = form.fields[name]
    if value is None or value == "":
        return ""
    if isinstance(field, ModelChoiceField) and not isinstance(value, Model | QuerySet):
        value = field.queryset.filter(pk=value).first() or value if field.queryset is not None else value
    if isinstance(value, datetime):
        return f"{value.astimezone(by.course.zone):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | QuerySet):
        return "; ".join(map(str, value))
    choices = dict(getattr(field, "choices", ())) if not isinstance(field, ModelChoiceField) else {}
    return str(choices.get(value, value))
