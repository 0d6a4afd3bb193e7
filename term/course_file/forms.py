"""What a new course is made from: a blueprint or a file, and what neither can know."""

from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings

from courses.course_file.reading import LARGEST, CourseFileError, read_course_file
from courses.forms import SHORT_NAME, SHORT_NAME_HELP
from courses.models import Course, validate_monday

BLANK = "blank"
EMPTY = "course: {slug: new, title: New course, term: new, language: en, time_zone: Asia/Shanghai, weeks: 16}"
BLUEPRINTS = Path(settings.BASE_DIR, "courses", "blueprints")


def blueprints() -> list[tuple[str, str]]:
    """Names of the course files that come with Gradus."""
    return [(path.stem, path.stem) for path in sorted(BLUEPRINTS.glob("*.yaml"))]


class PlaceForm(forms.Form):
    """When a new course begins and where it stands."""

    week_one = forms.DateField(
        label="First day of week 1",
        help_text="A Monday. Times said in weeks become dates from here.",
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[validate_monday],
    )
    slug = forms.SlugField(label="Address", max_length=50, help_text="For example dl-2026. It stands in every link.")
    term = forms.CharField(label="Term", max_length=60, help_text="For example Autumn 2026.")

    def clean_slug(self) -> str:
        """Free, and no word that an address of the product has."""
        slug = str(self.cleaned_data["slug"]).lower()
        if not SHORT_NAME.fullmatch(slug):
            raise forms.ValidationError(SHORT_NAME_HELP)
        if Course.objects.filter(slug=slug).exists():
            raise forms.ValidationError(f"There is a course at this address already. Try {slug}-{date.today().year}.")  # noqa: DTZ011  only a proposal
        return slug


class CourseCreateForm(PlaceForm):
    """`cleaned_data["content"]` is the checked content of the course file."""

    blueprint = forms.ChoiceField(label="Blueprint", required=False)
    file = forms.FileField(
        label="Or a course file of your own", required=False, widget=forms.FileInput(attrs={"accept": ".yaml,.yml"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blank = (BLANK, "Blank: I set everything up in the browser")
        self.fields["blueprint"].choices = [("", "None: I have a file"), blank, *blueprints()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Reads the file; every problem of it becomes a line of its own."""
        found = super().clean() or self.cleaned_data
        if bool(found.get("blueprint")) == bool(found.get("file")):
            self.add_error("blueprint", "Choose a blueprint or a file, one of them.")
        elif "week_one" in found:
            try:
                found["content"] = read_course_file(_raw(found), week_one=found["week_one"])
            except CourseFileError as error:
                self.add_error("file" if found.get("file") else "blueprint", error.problems)
        return found


def _raw(found: dict[str, Any]) -> bytes:
    if found.get("blueprint") == BLANK:
        return EMPTY.encode()
    if found.get("file"):
        return bytes(found["file"].read(LARGEST + 1))
    return (BLUEPRINTS / f"{found['blueprint']}.yaml").read_bytes()
