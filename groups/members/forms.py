"""The shapes of what is sent about groups."""

from collections.abc import Sequence
from typing import Any

from django import forms

from courses.models import Enrolment
from groups.models import Group

NOWHERE, NEW = "none", "new"


class MakeForm(forms.Form):
    """A name for a new group."""

    name = forms.CharField(label="Name of the new group", max_length=60)


class JoinForm(forms.Form):
    """The code of a group."""

    code = forms.CharField(label="Code of the group", max_length=20)


class MoveForm(forms.Form):
    """Which student goes where, and why."""

    student = forms.ChoiceField(label="Student")
    group = forms.ChoiceField(label="Into")
    name = forms.CharField(label="Name, if it is a new group", max_length=60, required=False)
    reason = forms.CharField(label="Why (the members read it)", max_length=300)

    def __init__(self, *args: Any, students: Sequence[Enrolment], groups: Sequence[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(student.pk): student for student in students}
        self.places = {str(group.pk): group for group in groups}
        named = [(key, str(person.user)) for key, person in self.people.items()]
        self.fields["student"].choices = [("", "Choose …"), *named]  # type: ignore[attr-defined]
        into = [
            ("", "Choose …"),
            *((key, group.name) for key, group in self.places.items()),
            (NEW, "a new group"),
            (NOWHERE, "no group"),
        ]
        self.fields["group"].choices = into  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        sent = self.cleaned_data
        student, group = self.people[sent["student"]], self.places.get(sent["group"])
        return {"student": student, "group": group, "reason": sent["reason"]}

    @property
    def is_new(self) -> bool:
        return bool(self.cleaned_data["group"] == NEW)
