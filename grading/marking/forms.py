"""The shapes of what is sent about the marking."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from courses.models import Enrolment
from courses.policy.words import points_text
from grading.rows import VisibleRow


class GradersForm(forms.Form):
    """Some of those who mark."""

    graders = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="Among")

    def __init__(self, *args: Any, staff: Sequence[Enrolment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        chosen = self.fields["graders"]
        chosen.choices = [(key, f"{p.user}, {p.get_role_display()}") for key, p in self.staff.items()]  # type: ignore[attr-defined]

    def chosen(self) -> list[Enrolment]:
        return [self.staff[key] for key in self.cleaned_data["graders"]]


class SampleForm(GradersForm):
    """How much of the work, and who marks it again."""

    percent = forms.IntegerField(
        label="Percent of the marked work",
        min_value=1,
        max_value=100,
        initial=10,
        widget=forms.NumberInput(attrs={"class": "narrow"}),
    )
    field_order = ("percent", "graders")


class ConflictForm(forms.Form):
    """Who does not mark whom."""

    marker = forms.ChoiceField(label="Who")
    student = forms.ChoiceField(label="Does not mark the work of")
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, *args: Any, staff: Sequence[Enrolment], students: Sequence[Enrolment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in [*staff, *students]}
        for name, people in (("marker", staff), ("student", students)):
            choices = [("", "Choose …"), *((str(person.pk), str(person.user)) for person in people)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        marker, student = (self.people[self.cleaned_data[name]] for name in ("marker", "student"))
        return {"marker": marker, "student": student, "reason": self.cleaned_data["reason"]}


class SecondForm(forms.Form):
    """Points for each cell that a person marks: all of them, since nothing is saved in between."""

    def __init__(self, *args: Any, rows: Sequence[VisibleRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[f"points-{row.grade_id}"] = forms.DecimalField(
                label=f"Points of {points_text(row.points)}",
                min_value=Decimal(),
                max_value=row.points,
                decimal_places=3,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )
            self.fields[f"comment-{row.grade_id}"] = forms.CharField(
                label="Note for the lecturer", required=False, widget=forms.Textarea(attrs={"rows": 2})
            )

    def cells(self) -> list[tuple[VisibleRow, forms.BoundField, forms.BoundField]]:
        return [(row, self[f"points-{row.grade_id}"], self[f"comment-{row.grade_id}"]) for row in self.rows]

    def points(self) -> dict[str, tuple[Decimal, str]]:
        names = [row.grade_id for row in self.rows]
        return {n: (self.cleaned_data[f"points-{n}"], self.cleaned_data[f"comment-{n}"]) for n in names}
