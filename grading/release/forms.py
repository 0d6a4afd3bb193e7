"""The shapes of what is sent about a release."""

from collections.abc import Sequence
from typing import Any

from django import forms

from courses.forms import LocalDateTimeField
from courses.models import Course, Enrolment, Section


class PlanForm(forms.Form):
    """When, and of which section."""

    due_at = LocalDateTimeField(label="Release at")
    section = forms.ModelChoiceField(Section.objects.none(), required=False, empty_label="Everybody")

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].queryset = course.sections.all()  # type: ignore[attr-defined]


class HoldForm(forms.Form):
    """Whose grade is held back, and why."""

    student = forms.ChoiceField(label="Student")
    reason = forms.CharField(label="Why (the student does not read it)", max_length=500)

    def __init__(self, *args: Any, students: Sequence[Enrolment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose …"), *((str(student.pk), str(student.user)) for student in students)]
        self.fields["student"].choices = choices  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    """Why what was released is taken back."""

    reason = forms.CharField(label="Why (the students read it)", max_length=500)
