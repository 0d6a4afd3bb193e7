"""Next year's course from this year's: everything but the people's work, with a report of what became of each thing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from assignments.models import Assignment, DataFile, GradedCell, InstructorNotebook
from assignments.selectors import current_notebook, stages_of
from assignments.signals import notebook_received
from courses.course_file.reading import Content, read_course_file, write_course_file
from courses.models import Course, Enrolment, Role, Rollover, User
from courses.policy.when import DATE
from courses.policy.words import rule_sentence, spoken_instant
from courses.selectors import current_late_policy
from gradebook.standings.selectors import current_components, tree_of
from grading.models import Release
from grading.papers.selectors import criteria_of
from grading.papers.services import change_criteria
from term.course_file.dump import course_file_of
from term.course_file.load import load_course
from term.setup.gaps import gaps_of

TIMES = ("opens", "due", "closes")


@dataclass
class Report:
    """Sentences: what was copied, what moved, what the lecturer has to decide, what stays behind."""

    copied: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    decide: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@transaction.atomic
def roll_over(
    *, source: Course, week_one: date, slug: str, term: str, lecturer: User, with_staff: bool = False
) -> tuple[Course, Report]:
    """A new, unpublished course in another term. Raises CourseFileError when the weeks or dates cannot be so.

    Times said in weeks follow the new calendar; dates that were picked move by as many days as the first week does.
    """
    days = week_one - source.week_one
    content = shifted(course_file_of(source), days)
    content["course"] = {**content["course"], "slug": slug, "term": term}
    checked = read_course_file(write_course_file(content).encode(), week_one=week_one)
    course = load_course(checked, week_one=week_one, slug=slug, term=term, lecturer=lecturer)
    report = Report()
    _copy_policies(source, course, report)
    _copy_files(source, course, report)
    _copy_notebooks(source, course, report)
    _copy_criteria(source, course, report)
    _copy_staff(source, course, report, with_staff=with_staff)
    report.moved += _moves(source, course)
    report.decide += _decisions(source, course, days)
    report.left += _left_behind(source)
    Rollover.objects.create(course=course, source=source, report=vars(report))
    return course, report


def shifted(content: Content, days: timedelta) -> Content:
    """The course file with every picked date and holiday moved by so many days; weeks stay as they are said."""

    def moved(item: dict[str, Any]) -> dict[str, Any]:
        times = {
            key: _later(item[key], days) for key in (*TIMES, "groups_fixed", "first_day", "last_day") if key in item
        }
        return {**item, **times}

    changed = dict(content)
    for part in ("groups", "assignments", "holidays"):
        if part in content:
            changed[part] = [moved(item) for item in content[part]]
    if "project" in content:
        changed["project"] = {
            **moved(content["project"]),
            "stages": [moved(each) for each in content["project"]["stages"]],
        }
    return changed


def _later(text: str, days: timedelta) -> str:
    """A date, or a date and a clock time, so many days later; a week as it is."""
    found = DATE.fullmatch(text)
    if found is None:
        return text
    day = date.fromisoformat(found["date"]) + days
    return f"{day} {found['clock']}" if found["clock"] else f"{day}"


def _copy_policies(source: Course, course: Course, report: Report) -> None:
    """Loaded with the course file already: said, so that nobody has to wonder."""
    policy = current_late_policy(source)
    if policy is not None:
        report.copied.append(f"Late rule (its version {policy.version}): {rule_sentence(policy.parsed)}")
    components = current_components(course)
    tree, names = tree_of(components), {str(component.pk): component.name for component in components}
    if tree is not None:
        report.copied.append(f"Weights: {', '.join(names[leaf.key] for leaf in tree.leaves())}.")
    for name, rows in (
        ("topics", course.topics),
        ("materials", course.materials),
        ("ways to reach the staff", course.channels),
    ):
        if rows.exists():
            report.copied.append(f"{rows.count()} {name}.")
    if course.sections.exists():
        report.copied.append(
            f"Sections with their class times: {', '.join(s.name for s in course.sections.order_by('pk'))}."
        )


def _copy_files(source: Course, course: Course, report: Report) -> None:
    """Files among the materials: a course file cannot carry bytes."""
    for old, new in zip(source.materials.order_by("pk"), course.materials.order_by("pk"), strict=True):
        if old.file_id is not None:
            new.file_id, new.file_name = old.file_id, old.file_name
            new.save(update_fields=["file", "file_name"])
            report.copied.append(f"The file {old.file_name}.")


def _copy_notebooks(source: Course, course: Course, report: Report) -> None:
    """The notebook that is used now and the data sets; the check runs again, with what the workers are today."""
    by = Enrolment.objects.get(course=course, role=Role.LECTURER)
    targets = {assignment.slug: assignment for assignment in course.assignments.outside_projects()}
    for old in source.assignments.outside_projects().listed():
        target = targets[old.slug]
        notebook = current_notebook(old)
        if notebook is not None:
            _copy_notebook(notebook, target, by)
            report.copied.append(f"{old}: the notebook (its version {notebook.version}); it is being checked again.")
        for data in old.data_files.all():
            DataFile.objects.create(
                assignment=target, name=data.name, file_id=data.file_id, attached_by=by, attached_at=data.attached_at
            )
            report.copied.append(f"{old}: the data set {data.name}.")


def _copy_criteria(source: Course, course: Course, report: Report) -> None:
    """What work without cells is marked by, as the lecturer left it."""
    targets = {assignment.slug: assignment for assignment in course.assignments.all()}
    for old in source.assignments.handed_in().listed():
        criteria = criteria_of(old)
        if criteria:
            change_criteria(assignment=targets[old.slug], wanted=[(0, c.text, c.points) for c in criteria])
            report.copied.append(f"{old}: what it is marked by.")


def _copy_notebook(notebook: InstructorNotebook, target: Assignment, by: Enrolment) -> None:
    cells = list(notebook.cells.all())
    fields = ("source_id", "student_version_id", "original_name", "max_points", "uploaded_at")
    made = InstructorNotebook.objects.create(
        assignment=target, version=1, uploaded_by=by, **{name: getattr(notebook, name) for name in fields}
    )
    GradedCell.objects.bulk_create(
        GradedCell(
            notebook=made, grade_id=cell.grade_id, role=cell.role, points=cell.points,
            is_hidden=cell.is_hidden, position=cell.position,
        )
        for cell in cells
    )  # fmt: skip
    notebook_received.send(InstructorNotebook, notebook=made)


def _copy_staff(source: Course, course: Course, report: Report, *, with_staff: bool) -> None:
    """Assistants in the sections of the same names; only if that is wanted."""
    here = Enrolment.objects.filter(course=source, role__gt=Role.STUDENT, left_at=None).select_related("user")
    others = [person for person in here if not Enrolment.objects.filter(course=course, user=person.user).exists()]
    if not with_staff:
        names = ", ".join(person.user.name for person in others)
        report.decide += [f"Staff did not come along: {names}. Add who helps again."] if others else []
        return
    sections = {section.name: section for section in course.sections.all()}
    for person in others:
        made = Enrolment.objects.create(user=person.user, course=course, role=person.role)
        made.sections.set([sections[section.name] for section in person.sections.all()])
        report.copied.append(f"{person.user}, {person.get_role_display().lower()}.")


def _moves(source: Course, course: Course) -> Iterator[str]:
    """Every due time, now and then."""
    pairs: list[tuple[Any, Any]] = [
        *zip(source.assignments.outside_projects().listed(), course.assignments.outside_projects(), strict=True),
        *zip(stages_of(source), stages_of(course), strict=True),
    ]
    for old, new in pairs:
        how = f"said as {new.due_when}" if new.due_when else "a picked date, moved with the first week"
        then, now = spoken_instant(old.due_at, source.zone), spoken_instant(new.due_at, course.zone)
        yield f"{new} is due {now}; it was due {then} ({how})."


def _decisions(source: Course, course: Course, days: timedelta) -> Iterator[str]:
    for day in course.holidays.all():
        yield f"{day.name} is put on {day.first_day} to {day.last_day}, {days.days} days later: look up this year's dates."
    for old in source.assignments.outside_projects().listed():
        if not old.due_when:
            yield f"{old}: its due time was a picked date. Is the new one right?"
        if Release.objects.filter(assignment=old).exists():
            yield f"{old}: grades were released, so its hidden tests and answers may be known."
    yield from (gap.said for gap in gaps_of(course))


def _left_behind(source: Course) -> Iterator[str]:
    yield "Students, what they handed in, and marks."
    if source.announcements.exists():
        yield "Announcements."
    if source.late_policies.count() > 1 or source.schemes.count() > 1:
        yield "Earlier versions of the late rule and of the weights, with their reasons."
    yield "Extensions and requests for them."
