"""The shapes of what is sent about final grades."""

from typing import Any

from django import forms

from gradebook.policy.final import LONGEST_GRADE, STEPS, Kind, Rounding, Scale, ScaleError, steps_in, steps_text
from gradebook.policy.final_words import LABELS, ROUNDED


class ScaleForm(forms.Form):
    """A scale; after a valid look `scale` is it."""

    kind = forms.ChoiceField(label="Scale", choices=[(kind.value, LABELS[kind]) for kind in Kind])
    steps = forms.CharField(
        label="Steps",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="A grade and where it begins on each line, the best first; empty: the usual ones of the scale.",
    )
    rounding = forms.ChoiceField(label="Rounding", choices=[(each.value, ROUNDED[each]) for each in Rounding])
    failed = forms.CharField(
        label="Below a minimum",
        required=False,
        max_length=LONGEST_GRADE,
        help_text="What missing a minimum gives; empty: the lowest grade, or of percent and points the total itself.",
    )
    scale = Scale()

    @staticmethod
    def initial_of(scale: Scale) -> dict[str, str]:
        """What the form shows of a scale."""
        steps = "" if scale.steps == STEPS.get(scale.kind) else steps_text(scale.steps)
        return {"kind": scale.kind, "steps": steps, "rounding": scale.rounding, "failed": scale.failed}

    def clean(self) -> dict[str, Any]:
        """The steps must make a scale."""
        said = super().clean() or self.cleaned_data
        try:
            kind, steps = Kind(said["kind"]), steps_in(said.get("steps", ""))
            if not steps:
                steps = STEPS.get(kind, ())
            self.scale = Scale(kind, steps, Rounding(said["rounding"]), said.get("failed", ""))
        except KeyError:
            return said
        except ScaleError as error:
            self.add_error("steps", str(error))
        return said


class ChangeForm(forms.Form):
    """Another grade for one student, and why."""

    grade = forms.CharField(label="Final grade", required=False, max_length=LONGEST_GRADE)
    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
