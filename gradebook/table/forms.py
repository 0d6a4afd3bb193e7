"""What somebody wants to see of the gradebook, and a lecturer's ruling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms

from courses.models import Course, Section
from gradebook.models import Component
from grading.policy.codes import SAID, Code

STANDING = (("name", "Name"), ("average", "Average"), ("earned", "Earned so far"), ("highest", "Still possible"))
SHOWN = (("", "Everybody"), ("below", "Below a minimum"), ("open", "With something not graded"))


@dataclass(frozen=True)
class Wanted:
    """`sort`: `name`, a standing number, or the key of a component; `only`: `below`, `open`, or everybody."""

    text: str = ""
    section: Section | None = None
    only: str = ""
    sort: str = "name"
    is_falling: bool = False
    page: int = 1


class ViewForm(forms.Form):
    """A name or number, a section, a state, an order. What cannot be read is left out: a link that is old still opens."""

    q = forms.CharField(label="Name or number", required=False, max_length=120)
    section = forms.ModelChoiceField(Section.objects.none(), required=False, empty_label="All sections")
    only = forms.ChoiceField(label="Show", choices=SHOWN, required=False)
    sort = forms.ChoiceField(label="Sort by", required=False)
    falling = forms.BooleanField(label="Highest first", required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, course: Course, components: Sequence[Component], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leaves = [(str(c.pk), c.name) for c in components if c.kind != Component.Kind.GROUP]
        self.fields["section"].queryset = course.sections.all()  # type: ignore[attr-defined]
        self.fields["sort"].choices = [*STANDING, *leaves]  # type: ignore[attr-defined]
        self.is_valid()

    def wanted(self) -> Wanted:
        read = self.cleaned_data
        return Wanted(
            text=read.get("q", "").strip(),
            section=read.get("section"),
            only=read.get("only", ""),
            sort=read.get("sort") or "name",
            is_falling=bool(read.get("falling")),
            page=read.get("page") or 1,
        )

    def query(self) -> str:
        """The same once more as an address, without the page."""
        kept = {name: self.data.get(name, "") for name in ("q", "section", "only", "sort", "falling")}
        return urlencode({name: value for name, value in kept.items() if value})


class RulingForm(forms.Form):
    """Points or a word, and why; neither takes the last ruling back."""

    points = forms.DecimalField(
        label="Points instead of those reckoned",
        required=False,
        min_value=0,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    code = forms.ChoiceField(
        label="Or a word", required=False, choices=[("", "–"), *((code.value, SAID[code]) for code in Code if code)]
    )
    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
