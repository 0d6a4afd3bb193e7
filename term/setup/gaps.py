"""Can every student get a mark for everything that counts: what stands in the way, and where it is closed."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse

from assignments.kinds.registry import kind_of
from assignments.models import Assignment
from courses.models import Course, Enrolment, Role, Section
from gradebook.schemes.scheme import unbalanced
from gradebook.standings.selectors import current_components
from grading.models import Criterion

MOST_NAMED = 5


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or was not said, in a sentence; `address`: the page where it is closed."""

    said: str
    address: str


def gaps_of(course: Course) -> list[Gap]:
    """In the order of the set-up, in a constant number of questions."""
    return [*_of_rules(course), *_of_work(course), *_of_people(course)]


def _of_rules(course: Course) -> Iterator[Gap]:
    if not course.late_policies.exists():
        said = "No late rule: late work is accepted, labelled late, and nothing is deducted. Is that meant?"
        yield Gap(said, _to("late-rule", course))
    components = current_components(course)
    yield from (Gap(said, _to("scheme-update", course)) for said in unbalanced(components))
    if components:
        counted = {component.assignment_id for component in components}
        listed = course.assignments.listed().exclude(pk__in=[pk for pk in counted if pk])
        idle = [assignment.title for assignment in listed]
        if idle:
            yield Gap(f"Counts nowhere: {_named(idle)}. Is that meant?", _to("scheme-update", course))


def _of_work(course: Course) -> Iterator[Gap]:
    for assignment in course.assignments.notebooks().filter(notebooks=None):
        yield Gap(f"{assignment.title}: upload its notebook.", _to("assignment-detail", course, assignment.slug))
    asked = Criterion.objects.filter(assignment=OuterRef("pk"), retired_at=None)
    unmarked = course.assignments.listed().filter(~Exists(asked))
    for assignment in unmarked:
        if _is_marked_by_criteria(assignment):
            said = f"{assignment.title}: say what it is marked by."
            yield Gap(said, _to("criteria-update", course, assignment.slug))


def _is_marked_by_criteria(assignment: Assignment) -> bool:
    kind = kind_of(assignment)
    return kind.is_handed_in and not kind.has_cells


def _of_people(course: Course) -> Iterator[Gap]:
    people = list(Enrolment.objects.filter(course=course, left_at=None).select_related("user").order_by("user__name"))
    students = [person for person in people if person.role == Role.STUDENT]
    for position in course.positions.filter(count=None):
        yield Gap(f"{position.get_role_display()}: not known yet how many.", _to("person-create", course))
    if not students:
        yield Gap("There are no students yet.", _to("roster-create", course))
    without = [str(student.user) for student in students if not student.user.email]
    if without:
        said = f"No mail address, so no invitation and no receipt by mail: {_named(without)}."
        yield Gap(said, _to("people-list", course))
    yield from _of_sections(course, people)


def _of_sections(course: Course, people: list[Enrolment]) -> Iterator[Gap]:
    """Whoever sees all sections marks everywhere; else each section with students needs somebody of its own."""
    seats = Section.enrolments.through.objects.filter(section__course=course, enrolment__left_at=None)
    seated = list(seats.values_list("section__name", "enrolment__role", "enrolment"))
    placed = {pk for _, _, pk in seated}
    homeless = [str(p.user) for p in people if p.role == Role.STUDENT and p.pk not in placed] if seated else []
    if homeless:
        yield Gap(f"In no section: {_named(homeless)}. Assistants do not see them.", _to("people-list", course))
    if not any(person.role in (Role.TA, Role.STUDENT_ASSISTANT) for person in people):
        return
    full = {name for name, role, _ in seated if role == Role.STUDENT}
    looked_after = {name for name, role, _ in seated if role in (Role.TA, Role.STUDENT_ASSISTANT)}
    for name in sorted(full - looked_after):
        said = f"{name}: no assistant looks after this section, so lecturers and lab instructors mark it."
        yield Gap(said, _to("people-list", course))


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _to(name: str, course: Course, *more: str) -> str:
    return reverse(name, args=[course.slug, *more])
