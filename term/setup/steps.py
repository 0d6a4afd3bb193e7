"""The seven steps of setting up a course: what each says now, and the pages where it is changed. Each is saved by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from courses.models import ClassSlot, Course, Role
from courses.policy.words import rule_sentence
from courses.selectors import current_late_policy
from gradebook.schemes.scheme import unbalanced
from gradebook.standings.selectors import current_components
from projects.selectors import project_of
from term.setup.parts import PARTS

WHAT = ("facts", "topics", "materials", "contact")
PROJECT = ("project", "stages", "talks")


@dataclass(frozen=True)
class Step:
    """A step: what is there, and (name, address) of its pages."""

    title: str
    said: str
    pages: Sequence[tuple[str, str]]


def steps_of(course: Course) -> list[Step]:
    """All but the last, which checks and publishes, in a constant number of queries."""
    counts = _counts(course)
    policy = current_late_policy(course)
    project = project_of(course.pk)
    return [
        Step("What it is", _things(counts, "topic", "material", "contact"), _parts(course, *WHAT)),
        Step("Calendar", _calendar(course, counts), _parts(course, "calendar", "holidays", "slots")),
        Step("People", _things(counts, "section", "student", "member of staff"), _people(course)),
        Step("Assessment", _assessment(course, counts), _assessment_pages(course)),
        Step(
            "Late rule",
            rule_sentence(policy.parsed) if policy else "Not set: late work is labelled, and nothing is deducted.",
            [("Late rule", _to("late-rule", course))],
        ),
        Step(
            "Project",
            str(project) if project else "No project.",
            _parts(course, *(PROJECT if project else PROJECT[:1])),
        ),
    ]


def _counts(course: Course) -> dict[str, int]:
    """Each by a question of its own: joined in one they would be multiplied, and a real course has 10¹⁰ rows then."""
    people = course.enrolments.filter(left_at=None)
    return {
        "topic": course.topics.count(),
        "material": course.materials.count(),
        "contact": course.channels.count(),
        "holiday": course.holidays.count(),
        "section": course.sections.count(),
        "slot": ClassSlot.objects.filter(section__course=course).count(),
        "assignment": course.assignments.outside_projects().count(),
        "student": people.filter(role=Role.STUDENT).count(),
        "staff": people.filter(role__gt=Role.STUDENT).count(),
    }


def _things(counts: dict[str, int], *names: str) -> str:
    """`12 topics, 1 material, 2 members of staff`"""
    said = []
    for name in names:
        count = counts["staff" if name == "member of staff" else name]
        plural = "members of staff" if name == "member of staff" else f"{name}s"
        said.append(f"{count} {name if count == 1 else plural}")
    return ", ".join(said)


def _calendar(course: Course, counts: dict[str, int]) -> str:
    begins = f"{course.week_one.day} {course.week_one:%b %Y}"
    weekly = f"{counts['slot']} class time{'' if counts['slot'] == 1 else 's'} a week"
    return f"{course.weeks} weeks from {begins}, {course.time_zone}, {_things(counts, 'holiday')}, {weekly}"


def _assessment(course: Course, counts: dict[str, int]) -> str:
    components = current_components(course)
    if not components:
        return f"{_things(counts, 'assignment')}, no weights: the course has no grades."
    missing = unbalanced(components)
    return f"{_things(counts, 'assignment')}. {' '.join(missing) or 'The weights sum to 100.'}"


def _to(name: str, course: Course, *more: str) -> str:
    return reverse(name, args=[course.slug, *more])


def _parts(course: Course, *names: str) -> list[tuple[str, str]]:
    return [(PARTS[name].title, _to("course-part", course, name)) for name in names]


def _people(course: Course) -> list[tuple[str, str]]:
    more = (("Import a roster", "roster-create"), ("Add a person", "person-create"), ("People", "people-list"))
    return [*_parts(course, "sections"), *((label, _to(name, course)) for label, name in more)]


def _assessment_pages(course: Course) -> list[tuple[str, str]]:
    more = (("Assignments", "assignment-list"), ("New assignment", "assignment-create"), ("Weights", "scheme-update"))
    return [*((label, _to(name, course)) for label, name in more), *_parts(course, "groups")]
