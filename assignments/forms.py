"""The shape of what people send. Rules live in services and policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

from assignments.kinds.notebook.kind import NotebookField
from assignments.kinds.paper import PaperField
from assignments.kinds.registry import CODE, KINDS, kind_of
from assignments.models import MOST_ATTEMPTS, MOST_MEMORY_GIB, MOST_MINUTES, Assignment, Kind, WithCode
from assignments.policy import questions_problem
from assignments.services import Sent
from courses.access import students_in_reach
from courses.forms import SHORT_NAME, SHORT_NAME_HELP, DueField, LinesField, LocalDateTimeField
from courses.models import Enrolment, Section
from groups.members.selectors import groups_in_reach_of
from groups.models import Group, GroupSet

DATA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MOST_DATA_BYTES = 60 * 2**20
RESERVED = {"new"}  # /assignments/new/ is the page that makes one


class DataFileForm(forms.Form):
    """One data set. It keeps its file name; the same name again replaces it."""

    file = forms.FileField(
        label="File", error_messages={"required": "Choose a file first.", "missing": "Choose a file first."}
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if not DATA_NAME.fullmatch(file.name or ""):
            raise forms.ValidationError(
                "Give the file a name of letters, digits, “.”, “_” and “-”, at most 100 of them."
            )
        if (file.size or 0) > MOST_DATA_BYTES:
            raise forms.ValidationError(
                f"The file is {(file.size or 0) / 2**20:.0f} MB; at most {MOST_DATA_BYTES // 2**20} MB come through the "
                "browser. Ask your operator to attach larger ones."
            )
        return file


class NotebookForm(forms.Form):
    """One notebook: a student's or the instructor's."""

    notebook = NotebookField(label="Notebook")


class PaperForm(forms.Form):
    """One PDF, to try the check with."""

    paper = PaperField(label="PDF")


class WorkForm(forms.Form):
    """The form by which an assignment's work is sent: the field with the name of the kind, and `code` where that is asked for."""

    def __init__(self, assignment: Assignment, *sent: Any) -> None:
        super().__init__(*sent)
        kind = kind_of(assignment)
        self.fields[kind.name] = kind.field()
        if assignment.with_code:
            self.fields["code"] = code_field(required=assignment.with_code == WithCode.REQUIRED)

    def sent_code(self) -> Sent | None:
        """What was sent beside it."""
        return sent_in(self.cleaned_data.get("code"))


def code_field(*, required: bool) -> forms.FileField:
    """For code beside a paper."""
    field = CODE.field()
    field.label, field.required, field.help_text = "Code", required, CODE.hint
    return field


def sent_in(file: UploadedFile[bytes] | None) -> Sent | None:
    """An uploaded file, read."""
    return None if file is None else Sent(file.read(), file.name or "")


class OnBehalfForm(forms.Form):
    """What staff hand in for somebody: whose it is, the file, when it arrived, and why."""

    owner = forms.ChoiceField(label="For")
    received_at = LocalDateTimeField(
        label="Arrived", required=False, help_text="When it reached you; the late rule goes by it. Empty: now."
    )
    reason = forms.CharField(label="Why", max_length=500, help_text="The receipt says it.")
    field_order = ("owner", "file", "code", "received_at", "reason")

    def __init__(self, *args: Any, owners: Sequence[tuple[str, str]], assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Choose …"), *owners]  # type: ignore[attr-defined]
        self.fields["file"] = kind_of(assignment).field()
        if assignment.with_code:
            self.fields["code"] = code_field(required=False)
        self.order_fields(self.field_order)


class AssignmentForm(forms.ModelForm):  # type: ignore[type-arg]  # Django does not subscript it at run time
    """Title and dates of an assignment."""

    opens_at = LocalDateTimeField(label="Opens")
    due_at = DueField(label="Due")
    closes_at = DueField(
        label="Closes",
        required=False,
        help_text="After this no more work is taken. Leave empty to accept late work always.",
    )

    attempts = forms.IntegerField(
        label="Versions taken",
        min_value=1,
        max_value=MOST_ATTEMPTS,
        required=False,
        help_text="So many may be handed in by each. Leave empty to take any number.",
    )
    kind = forms.ChoiceField(label="What is handed in", required=False, help_text="It cannot be changed afterwards.")
    reason = forms.CharField(
        label="Why it changes", max_length=500, required=False, help_text="It stands in the history of settings."
    )
    minutes = forms.IntegerField(
        label="Minutes for a notebook",
        min_value=1,
        max_value=MOST_MINUTES,
        error_messages={"max_value": "A notebook may run for at most an hour: %(limit_value)s minutes."},
    )
    memory_gib = forms.IntegerField(label="Memory for a notebook, GiB", min_value=1, max_value=MOST_MEMORY_GIB)

    class Meta:
        model = Assignment
        fields = (
            "title",
            "slug",
            "position",
            "kind",
            "description",
            "questions",
            "with_code",
            "group_set",
            "opens_at",
            "due_at",
            "closes_at",
            "attempts",
            "queue",
            "minutes",
            "memory_gib",
            "is_anonymous",
        )
        labels: ClassVar = {
            "slug": "Short name",
            "position": "Order",
            "queue": "Runs on",
            "group_set": "Handed in by",
        }
        widgets: ClassVar = {"description": forms.Textarea(attrs={"rows": 3})}
        field_classes: ClassVar = {"questions": LinesField}
        error_messages: ClassVar = {"slug": {"invalid": "Use letters, digits and hyphens, and no spaces."}}
        help_texts: ClassVar = {
            "description": "What it is about. Markdown is fine.",
            "questions": "Questions that the work must answer, one a line; what it is marked by is proposed from them.",
            "with_code": "Files of code, or a zip of them, beside the PDF.",
            "group_set": "Groups hand in once for all of their members.",
            "slug": "Stands in the address: letters, digits and hyphens.",
            "is_anonymous": "Assistants read made-up names while they mark; you see the real ones.",
            "queue": "With a GPU: notebooks wait until a worker that has one takes them.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.kind if self.instance.pk else self.data.get("kind") or Kind.NOTEBOOK
        # What is said of other kinds only is not asked, whatever was typed there.
        if kind in KINDS and (self.instance.pk or self.is_bound):
            for name in {name for each in KINDS.values() for name in each.settings} - set(KINDS[kind].settings):
                del self.fields[name]
        if self.instance.pk:
            del self.fields["kind"]
        else:
            del self.fields["reason"]
            self.fields["kind"].choices = [(each.name, each.label) for each in KINDS.values()]  # type: ignore[attr-defined]
        self.fields["opens_at"].required = self.instance.pk is None or self.instance.opens_at is not None
        sets = self.fields["group_set"]
        sets.queryset = GroupSet.objects.filter(course=self.instance.course_id)  # type: ignore[attr-defined]
        sets.empty_label = "each student alone"  # type: ignore[attr-defined]
        sets.label_from_instance = lambda each: f"groups: {each}"  # type: ignore[attr-defined]

    def clean_kind(self) -> str:
        """A notebook, where nothing is said."""
        return str(self.cleaned_data["kind"] or Kind.NOTEBOOK)

    def clean_questions(self) -> list[str]:
        """Each becomes a line of what the paper is marked by."""
        asked: list[str] = self.cleaned_data["questions"]
        if problem := questions_problem(asked):
            raise forms.ValidationError(problem)
        return asked

    def clean_group_set(self) -> GroupSet | None:
        """Who hands in cannot change once somebody did."""
        chosen: GroupSet | None = self.cleaned_data["group_set"]
        if "group_set" in self.changed_data and self.instance.pk and self.instance.submissions.exists():
            raise forms.ValidationError("Work was handed in already, so this cannot change any more.")
        kind = self.cleaned_data.get("kind", self.instance.kind)
        is_new = "group_set" in self.changed_data
        if is_new and kind == Kind.PAPER and chosen is not None and hasattr(chosen, "project"):
            raise forms.ValidationError(
                "A paper of the project's groups is one of its stages: add it there, in the set-up."
            )
        return chosen

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        opens, due, closes = (fields.get(name) for name in ("opens_at", "due_at", "closes_at"))
        if opens and due and due <= opens:
            self.add_error("due_at", "The due time must be after the opening time.")
        if due and closes and closes < due:
            self.add_error("closes_at", "Work cannot close before it is due.")
        slug = fields.get("slug")
        if slug and "slug" in self.changed_data and not SHORT_NAME.fullmatch(slug):
            self.add_error("slug", SHORT_NAME_HELP)
        if slug in RESERVED:
            self.add_error("slug", "This short name is used by the product itself. Choose another.")
        clash = Assignment.objects.filter(course=self.instance.course_id, slug=slug).exclude(pk=self.instance.pk)
        if slug and clash.exists():
            self.add_error("slug", "Another assignment of this course has this short name.")
        return fields

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  as inherited
        """A time that was picked stands for itself and no longer for a week of the course file."""
        for name in {"opens_at", "due_at", "closes_at"}.intersection(self.changed_data):
            setattr(self.instance, name.replace("_at", "_when"), "")
        return super().save(commit)


SEVERAL = "Hold Ctrl, or Cmd on a Mac, to choose several."


class ExtensionForm(forms.Form):
    """A later due time for some students or one section; where groups hand in, for some groups."""

    student = forms.ModelMultipleChoiceField(
        Enrolment.objects.none(), label="Students", required=False, help_text=SEVERAL
    )
    group = forms.ModelMultipleChoiceField(Group.objects.none(), label="Groups", required=False, help_text=SEVERAL)
    section = forms.ModelChoiceField(Section.objects.none(), required=False, empty_label="–")
    due_at = DueField(label="New due time")
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, staff: Enrolment, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due_at = assignment.deadline
        if assignment.group_set is not None:
            del self.fields["student"], self.fields["section"]
            groups = groups_in_reach_of(staff, assignment.group_set).filter(dissolved_at=None)
            self.fields["group"].queryset = groups  # type: ignore[attr-defined]
            self.fields["group"].required = True
            return
        del self.fields["group"]
        sections = staff.course.sections.all() if staff.sees_all_sections else staff.sections.all()
        self.fields["student"].queryset = students_in_reach(staff).filter(left_at=None).select_related("user")  # type: ignore[attr-defined]
        self.fields["student"].label_from_instance = lambda e: str(e.user)  # type: ignore[attr-defined]
        self.fields["section"].queryset = sections  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if "student" in self.fields and bool(fields.get("student")) == bool(fields.get("section")):
            self.add_error("student", "Choose either students or one section.")
        if (later := fields.get("due_at")) and later <= self._due_at:
            self.add_error("due_at", "An extension must be later than the due time.")
        return fields

    def whom(self) -> list[dict[str, Any]]:
        """For each extension that is meant: whom it is for, as `student`, `group` or `section`."""
        several = [{name: each} for name in ("student", "group") for each in self.cleaned_data.get(name) or ()]
        return several or [{"section": self.cleaned_data["section"]}]


class VerifyForm(forms.Form):
    """The text of a receipt."""

    receipt = forms.CharField(max_length=5000, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}))
