"""What a course is made of, part by part: the forms of the set-up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError, URLField
from django.forms import BaseModelFormSet, modelformset_factory

from assignments.models import Assignment, Kind
from assignments.policy import questions_problem
from assignments.selectors import next_position
from courses import storage
from courses.forms import SHORT_NAME, SHORT_NAME_HELP, DueField
from courses.models import ClassSlot, Course, Section
from courses.policy.calendar import YEARS
from courses.policy.when import WhenError, end, local_text
from groups.models import GroupSet
from projects.models import PROJECT_SLUG, Project
from projects.policy.contributions import WIDEST
from term.setup.talks import TalksForm

WEEKS = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]+)?")
MOST_WEEKS = 53
MOST_BYTES = 60 << 20


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _field(column: Any, **options: Any) -> Any:
    """The column's own form field; a link without a scheme is one of the safe kind."""
    if isinstance(column, URLField):
        options["assume_scheme"] = "https"
    return column.formfield(**options)


class CourseForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the course is."""

    class Meta:
        model = Course
        fields = ("title", "institution", "term", "language", "regrade_days", "description")
        labels: ClassVar = {"regrade_days": "Days for regrade requests"}
        help_texts: ClassVar = {
            "regrade_days": "So long after a release students may ask to look at it again; 0: not at all.",
            "language": "Two letters: en, zh.",
            "description": "Markdown; formulas between $ signs.",
        }
        widgets: ClassVar = {"description": forms.Textarea(attrs={"rows": 6})}

    def clean_language(self) -> str:
        """As in a page's language tag."""
        language = str(self.cleaned_data["language"])
        if not LANGUAGE.fullmatch(language):
            raise forms.ValidationError("Write a language such as en or zh.")
        return language


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """When the course is."""

    class Meta:
        model = Course
        fields = ("week_one", "weeks", "time_zone")
        labels: ClassVar = {"week_one": "First day of week 1", "weeks": "Teaching weeks", "time_zone": "Time zone"}
        help_texts: ClassVar = {
            "week_one": "A Monday. Times said as “week 8” follow it.",
            "time_zone": "Such as Asia/Shanghai.",
        }
        widgets: ClassVar = {"week_one": _date()}

    def clean_weeks(self) -> int:
        """At least one, and not more than a year."""
        weeks = int(self.cleaned_data["weeks"])
        if not 1 <= weeks <= MOST_WEEKS:
            raise forms.ValidationError(f"A course has 1 to {MOST_WEEKS} teaching weeks.")
        return weeks


SET_FIELDS = ("smallest_group", "largest_group", "across_sections", "contribution_span", "groups_fixed_at")
"""What the project's form says of its groups."""


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]
    """The group project, and the groups that work on it."""

    class Meta:
        model = Project
        fields = ("title", "description", "topic_first", "topic_blocks", "topics_hidden")
        labels: ClassVar = {"topic_first": "Before the proposal"}
        widgets: ClassVar = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "topic_first": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance
        self.group_set = project.group_set if project.pk else GroupSet(course=project.course, slug=PROJECT_SLUG)
        of_groups = forms.fields_for_model(
            GroupSet,
            SET_FIELDS,
            field_classes={"groups_fixed_at": DueField},
            labels={"across_sections": "Groups may mix sections"},
            help_texts={
                "groups_fixed_at": "Empty: when the first stage is due.",
                "contribution_span": "0: all members of a group have one mark.",
            },
        )
        self.fields.update(of_groups)
        self.initial.update({name: getattr(self.group_set, name) for name in SET_FIELDS})
        self.order_fields(("title", "description", *SET_FIELDS[:3], *self.Meta.fields[2:], *SET_FIELDS[3:]))

    def clean_contribution_span(self) -> int:
        """Nothing is 0: one mark for all."""
        if (span := int(self.cleaned_data["contribution_span"] or 0)) > WIDEST:
            raise forms.ValidationError(f"At most {WIDEST}: nobody's mark becomes nothing by it.")
        return span

    def clean(self) -> dict[str, Any]:
        """Sizes that can be."""
        found = super().clean() or self.cleaned_data
        low, high = found.get("smallest_group"), found.get("largest_group")
        if low is not None and high is not None and not 1 <= low <= high:
            self.add_error("largest_group", "The largest group cannot be smaller than the smallest.")
        return found

    @transaction.atomic
    def save(self, commit: bool = True) -> Project:  # noqa: FBT001, FBT002  as Django calls it
        """Both rows."""
        for name in SET_FIELDS:
            setattr(self.group_set, name, self.cleaned_data[name])
        self.group_set.title = self.cleaned_data["title"]
        self.group_set.save()
        self.instance.group_set = self.group_set
        project: Project = super().save(commit)
        return project


class PartForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row of a part of the course."""

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.course = course
        if self.instance.pk is None and hasattr(type(self.instance), "course"):
            self.instance.course = course
        if "section" in self.fields:
            self.fields["section"].queryset = course.sections.all()  # type: ignore[attr-defined]

    def clean_weeks(self) -> str:
        """`3` or `3-5`, of the weeks that the course has."""
        text = str(self.cleaned_data["weeks"]).replace(" ", "")
        if not text:
            return ""
        found = WEEKS.fullmatch(text)
        if not found or not 1 <= int(found[1]) <= int(found[2] or found[1]) <= self.course.weeks:
            raise forms.ValidationError(f"Write 3 or 3-5; the course has weeks 1 to {self.course.weeks}.")
        return text

    def clean_url(self) -> str:
        """Pages of the web only."""
        url = str(self.cleaned_data["url"])
        if url and not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("A link begins with http:// or https://.")
        return url

    def clean_week(self) -> int | None:
        """One of the weeks that the course has."""
        week: int | None = self.cleaned_data["week"]
        if week is not None and not 1 <= week <= self.course.weeks:
            raise forms.ValidationError(f"The course has weeks 1 to {self.course.weeks}.")
        return week

    def clean(self) -> dict[str, Any]:
        """What ends, ends after it begins."""
        found = super().clean() or self.cleaned_data
        for first, last in (("first_day", "last_day"), ("starts", "ends")):
            if found.get(first) and found.get(last) and found[last] < found[first]:
                self.add_error(last, "It ends before it begins.")
        for day in ("first_day", "last_day"):
            if found.get(day) and found[day].year not in YEARS:
                self.add_error(day, f"Choose a year from {YEARS.start} to {YEARS.stop - 1}.")
        if found.get("starts") and found.get("starts") == found.get("ends"):
            self.add_error("ends", "It ends when it begins.")
        return found


class MaterialForm(PartForm):
    """Something to read, with a file if there is one."""

    upload = forms.FileField(label="File", required=False, help_text="At most 60 MB. Another file replaces it.")

    def clean_upload(self) -> Any:
        """Not larger than the browser may send."""
        file = self.cleaned_data["upload"]
        if file and (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(f"The file is too large: at most {MOST_BYTES >> 20} MB.")
        return file

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  as inherited
        """The bytes are kept by their content."""
        if file := self.cleaned_data.get("upload"):
            file.seek(0)
            self.instance.file = storage.store(file.read())
            self.instance.file_name = PurePosixPath(file.name.replace("\\", "/")).name[-200:]
        return super().save(commit)


class StageForm(PartForm):
    """A stage of the project, with its due time in words and one question per line."""

    due = forms.CharField(label="Due", max_length=40, help_text="“week 8”, “week 8 friday 18:00” or “2026-10-25 23:59”")
    asked = forms.CharField(
        label="Questions to answer, one per line", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = Assignment
        fields = ("title", "slug", "position")
        labels: ClassVar = {"slug": "Short name", "position": "Order"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.kind, self.instance.group_set = Kind.PAPER, self.course.project.group_set
            self.fields["position"].initial = next_position(self.course)
        else:
            self.fields["due"].initial = self.instance.due_when or local_text(
                self.instance.due_at, self.course.calendar
            )
            self.fields["asked"].initial = "\n".join(self.instance.questions)

    def clean_slug(self) -> str:
        """As course files have it."""
        slug = str(self.cleaned_data["slug"])
        if "slug" in self.changed_data and not SHORT_NAME.fullmatch(slug):
            raise forms.ValidationError(SHORT_NAME_HELP)
        return slug

    def clean_due(self) -> str:
        """A time as course files write it; the instant is kept beside the words."""
        words = " ".join(str(self.cleaned_data["due"]).lower().split())
        try:
            self.instance.due_at = end(words, self.course.calendar)
        except WhenError as error:
            raise forms.ValidationError(str(error)) from error
        self.instance.due_when = words if words.startswith("week") else ""
        return words

    def clean_asked(self) -> str:
        """Empty lines ask nothing."""
        text = str(self.cleaned_data["asked"])
        self.instance.questions = [line.strip() for line in text.splitlines() if line.strip()]
        if problem := questions_problem(self.instance.questions):
            raise forms.ValidationError(problem)
        return text


class GroupSetForm(PartForm):
    """One way in which the course is divided into groups."""

    class Meta:
        model = GroupSet
        fields = ("title", "slug", "smallest_group", "largest_group", "across_sections")
        labels: ClassVar = {"slug": "Short name", "across_sections": "Groups may mix sections"}

    def clean(self) -> dict[str, Any]:
        """Sizes that can be."""
        fields = super().clean() or self.cleaned_data
        low, high = fields.get("smallest_group"), fields.get("largest_group")
        if low is not None and high is not None and not 1 <= low <= high:
            self.add_error("largest_group", "The largest group cannot be smaller than the smallest.")
        return fields


class PartFormSet(BaseModelFormSet):  # type: ignore[type-arg]
    """All rows of one part; `unique` fields must differ between rows."""

    unique: ClassVar[Sequence[str]] = ("name", "slug")

    def clean(self) -> None:
        """Names of sections and short names of stages differ."""
        super().clean()
        if not self.forms:
            return
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        for field in self.unique:
            if self.model in {Section, Assignment, GroupSet} and field in self.forms[0].fields:
                names = [form.cleaned_data.get(field) for form in kept]
                for form, name in zip(kept, names, strict=True):
                    if name and names.count(name) > 1:
                        form.add_error(field, "Two rows have this name.")

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  as inherited
        """Names may be swapped, or taken from a row that goes: those of all rows that change are freed first."""
        for field in self.unique:
            if self.model in {Section, Assignment, GroupSet} and self.forms and field in self.forms[0].fields:
                for form in self.initial_forms:
                    if form in self.deleted_forms or field in form.changed_data:
                        self.model.objects.filter(pk=form.instance.pk).update(**{field: f"~{form.instance.pk}"})
        return super().save(commit)

    def delete_existing(self, obj: Model, commit: bool = True) -> None:  # noqa: FBT001, FBT002  as inherited
        """Refuses where people or work hang on it."""
        if isinstance(obj, Section) and obj.enrolments.exists():
            raise PartRefused(f"{obj}: people sit in this section. Move them first.")
        try:
            super().delete_existing(obj, commit)
        except (ProtectedError, RestrictedError) as error:
            raise PartRefused(
                f"{obj} cannot be removed: work, marks, weights, extensions or announcements hang on it."
            ) from error


class PartRefused(Exception):
    """A row cannot be removed; the message says why."""


@dataclass(frozen=True)
class Part:
    """A page of the set-up: what it is called, and the rows or the one form that it shows."""

    title: str
    lead: str
    form: type[forms.ModelForm]  # type: ignore[type-arg]
    rows: str = ""
    """The relation of the course that holds the rows; empty: one form."""
    fields: Sequence[str] = ()
    widgets: ClassVar[dict[str, Any]] = {
        "first_day": _date(), "last_day": _date(), "starts": _clock(), "ends": _clock(),
        "text": forms.Textarea(attrs={"rows": 2}),
    }  # fmt: skip

    def of(self, course: Course, posted: Any = None, files: Any = None) -> Any:
        """The bound or unbound form, or rows of forms, for this course."""
        if not self.rows:
            fresh = Course.objects.get(pk=course.pk)  # a form writes into its row before anything is saved
            project = getattr(fresh, "project", None) or Project(course=fresh)
            return self.form(posted, instance=project if self.form in (ProjectForm, TalksForm) else fresh)
        rows = rows_of(course, self.rows)
        made = modelformset_factory(
            rows.model, form=self.form, formset=PartFormSet, fields=self.fields or None, extra=2, can_delete=True,
            formfield_callback=_field,
            widgets={name: widget for name, widget in self.widgets.items() if name in self.fields},
        )  # fmt: skip
        return made(posted, files, queryset=rows, form_kwargs={"course": course}, prefix="row")


def rows_of(course: Course, relation: str) -> QuerySet[Any]:
    """The rows of one part, in order."""
    if relation == "slots":
        return ClassSlot.objects.filter(section__course=course)
    if relation == "stages":
        return Assignment.objects.filter(course=course).stages()
    found: QuerySet[Any] = getattr(course, relation).all()
    return found


PARTS: dict[str, Part] = {
    "facts": Part("What it is", "Title, term and description, as everybody reads them.", CourseForm),
    "calendar": Part("Calendar", "Teaching weeks. Due times said as weeks follow.", CalendarForm),
    "holidays": Part(
        "Holidays", "Days without classes. One that pauses takes its weeks out of the count.", PartForm,
        "holidays", ("name", "first_day", "last_day", "pauses"),
    ),
    "sections": Part("Sections", "Who sits together, and whom assistants look after.", PartForm, "sections", ("name",)),
    "slots": Part(
        "Class times", "When and where each section meets every week.", PartForm,
        "slots", ("section", "name", "weekday", "starts", "ends", "place"),
    ),
    "contact": Part(
        "Contact", "How to reach the staff and the others.", PartForm, "channels",
        ("name", "address", "link", "enrolled_only"),
    ),
    "topics": Part("Syllabus", "What the course covers, week by week.", PartForm, "topics", ("title", "weeks", "text")),
    "materials": Part(
        "Materials", "What there is to read, watch, install or do.", MaterialForm,
        "materials", ("kind", "title", "week", "url", "text"),
    ),
    "groups": Part(
        "Groups", "Ways in which the course is divided into groups, for assignments that groups hand in.", GroupSetForm,
        "group_sets",
        ("title", "slug", "smallest_group", "largest_group", "across_sections"),
    ),
    "project": Part("Project", "What groups do, and how large they are.", ProjectForm),
    "talks": Part("Talks and ballots", "Who gives a talk, and how students rank what they saw.", TalksForm),
    "stages": Part("Stages", "What a group hands in or does, and by when.", StageForm, "stages"),
}  # fmt: skip
