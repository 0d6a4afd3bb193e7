"""The shape of what people send about courses."""

import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone

from courses.announcements import LONGEST
from courses.models import Course, Enrolment, Role, Section
from courses.policy.calendar import YEARS, end_of_minute, instant_of

LARGEST = 10 << 20
SHORT_NAME = re.compile(r"(?=.{1,50}$)[a-z0-9]+(-[a-z0-9]+)*")
"""As `slug` in `docs/course.schema.json`: what stands in an address can stand in a course file."""
SHORT_NAME_HELP = "Use small letters, digits and single hyphens, at most 50 in all."


class TableForm(forms.Form):
    """A file or pasted text, one of them. `cleaned_data["content"]` is its bytes."""

    file = forms.FileField(label="File", required=False)
    pasted = forms.CharField(label="Or paste it here", required=False, strip=False, widget=forms.Textarea)

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two, and not more than a table of people can be."""
        found = super().clean() or self.cleaned_data
        if bool(found.get("file")) == bool(found.get("pasted", "").strip()):
            raise forms.ValidationError("Choose a file or paste a table, one of them.")
        if found.get("file") and found["file"].size > LARGEST:
            raise forms.ValidationError(f"The file is too large: at most {LARGEST >> 20} MB.")
        found["content"] = found["file"].read() if found.get("file") else found["pasted"].encode()
        return found


class RosterForm(TableForm):
    """A roster. `digits`: of a student number, where the file has lost zeros in front."""

    file = forms.FileField(label="Roster file", required=False)
    pasted = forms.CharField(
        label="Or paste it here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "Student ID, Name, Email, Section"}),
    )
    digits = forms.IntegerField(
        label="Digits of a student number",
        required=False,
        min_value=1,
        max_value=20,
        help_text="Only if the file has lost zeros in front: they are put back.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )


class PersonForm(forms.Form):
    """A person's role and sections; for a new one also name and mail address."""

    name = forms.CharField(
        label="Name", max_length=120, help_text="Used if there is no account with this mail address."
    )
    mail = forms.EmailField(label="Mail address", max_length=254)
    role = forms.TypedChoiceField(label="Role", choices=Role.choices, coerce=lambda value: Role(int(value)))
    sections = forms.ModelMultipleChoiceField(
        Section.objects.none(),
        label="Sections",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Assistants see the students of theirs; lab instructors and lecturers see all.",
    )

    def __init__(self, *args: Any, course: Course, person: Enrolment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sections"].queryset = course.sections.all()  # type: ignore[attr-defined]
        if person is None:
            self.fields["role"].initial = Role.TA
            return
        del self.fields["name"], self.fields["mail"]
        same_kind = [choice for choice in Role.choices if (choice[0] > Role.STUDENT) == person.is_staff]
        self.fields["role"].choices = same_kind  # type: ignore[attr-defined]
        self.fields["role"].initial = person.role
        self.fields["sections"].initial = [section.pk for section in person.sections.all()]

    def clean_mail(self) -> str:
        """Addresses are compared without regard to case."""
        return str(self.cleaned_data["mail"]).lower()


class AnnouncementForm(forms.Form):
    """What is told, and to whom."""

    title = forms.CharField(label="Title", max_length=150)
    text = forms.CharField(
        label="Text",
        max_length=LONGEST,
        help_text="Markdown; formulas between $ signs.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    section = forms.ModelChoiceField(
        Section.objects.none(), label="For", required=False, empty_label="the whole course"
    )
    by_mail = forms.BooleanField(label="Also by mail", required=False, initial=True)

    def __init__(self, *args: Any, author: Enrolment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section = self.fields["section"]
        section.queryset = author.course.sections.all()  # type: ignore[attr-defined]
        if not author.sees_all_sections:
            section.queryset = author.sections.all()  # type: ignore[attr-defined]
            section.required, section.empty_label = True, None  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        """One line, for it becomes the subject of a mail."""
        return " ".join(str(self.cleaned_data["title"]).split())


class LocalDateTimeField(forms.DateTimeField):
    """A wall-clock time in the course's zone, picked to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **kwargs)

    latest = False
    """Which of two is meant where the clocks show a time twice."""

    def to_python(self, value: Any) -> datetime | None:
        """As `instant_of` reads it: a time that the clocks skip or show twice is a time, too."""
        with timezone.override(UTC):
            read: datetime | None = super().to_python(value)
        if read is None:
            return None
        if read.year not in YEARS:
            raise forms.ValidationError(f"Choose a year from {YEARS.start} to {YEARS.stop - 1}.")
        return instant_of(read.date(), read.time(), timezone.get_current_timezone(), latest=self.latest)


class DueField(LocalDateTimeField):
    """A due time picked to the minute means the end of that minute; of two that the clocks show, the later."""

    latest = True

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The minute that is shown is the one whose end is stored."""
        try:
            return self.clean(data) != (end_of_minute(initial) if initial else None)
        except forms.ValidationError:
            return True

    def clean(self, value: Any) -> datetime | None:
        instant = super().clean(value)
        return end_of_minute(instant) if instant else None


class MoreTimeForm(forms.Form):
    """Until when a student or a group needs, and why."""

    wanted_until = DueField(label="Needed until")
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your TA and your lecturer read it.",
    )

    def __init__(self, *args: Any, due_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due_at = due_at

    def clean_wanted_until(self) -> datetime:
        """Later than what holds now."""
        wanted: datetime = self.cleaned_data["wanted_until"]
        if wanted <= self._due_at:
            raise forms.ValidationError("Ask for a time after the due time that holds now.")
        return wanted


class LinesField(forms.CharField):
    """A list of lines; empty ones say nothing."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, *args: Any, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))
