"""The content of the course file that makes this course: load and dump are each other's inverse."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assignments.models import Assignment, Kind
from assignments.selectors import entered_of
from courses.course_file.reading import Content
from courses.models import ClassSlot, Course, Role, Section
from courses.models.course import REGRADE_DAYS
from courses.policy.calendar import Calendar
from courses.policy.when import DAYS, local_text
from courses.selectors import current_late_policy
from gradebook.models import RULES, Component, FinalScale
from gradebook.standings.selectors import current_components
from groups.models import GroupSet
from projects.models import PROJECT_SLUG
from projects.selectors import project_of

USUAL = {"queue": "grading", "minutes": 5, "memory_gib": 2, "is_anonymous": False, "attempts": None, "with_code": ""}
FILE_NAMES = {"is_anonymous": "anonymous"}
"""Keys of the file that are called otherwise here."""
NUMBERS = {"factor", "beyond", "percent", "floor", "from"}


def course_file_of(course: Course) -> Content:
    """Everything but the people and the work; what says nothing is left out."""
    policy = current_late_policy(course)
    components = current_components(course)
    roots = [component for component in components if component.parent_id is None]
    content = {
        "course": {
            **_fields(course, "slug", "title", "institution", "term", "language", "time_zone", "weeks", "description"),
            **({} if course.regrade_days == REGRADE_DAYS else {"regrade_days": course.regrade_days}),
        },
        "contact": [_fields(channel, "name", "address", "link", "enrolled_only") for channel in course.channels.all()],
        "holidays": [
            {
                "name": day.name,
                "first_day": f"{day.first_day}",
                "last_day": f"{day.last_day}",
                **_true(pauses=day.pauses),
            }
            for day in course.holidays.all()
        ],
        "sections": [_section(section) for section in course.sections.order_by("pk")],
        "staff": [
            _said(
                role=Role(position.role).name.lower(),
                section=position.section.name if position.section else "",
                count=position.count,
            )
            for position in course.positions.select_related("section")
        ],
        "topics": [_fields(topic, "title", "weeks", "text") for topic in course.topics.all()],
        "materials": [_fields(item, "kind", "title", "week", "url", "text") for item in course.materials.all()],
        "late_rule": _numbers(policy.rule) if policy else None,
        "groups": [_groups(each, course.calendar) for each in course.group_sets.filter(project=None)],
        "marks": _marks(course, components),
        "assignments": _assignments(course),
        "project": _project(course),
        "scheme": {**_rules(roots[0]), "parts": _parts(roots[0], components)} if roots else None,
        "final_grades": _final(course),
    }
    return {key: value for key, value in content.items() if value}


def _said(**facts: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value not in (None, "", [], {}, False)}


def _true(**facts: bool) -> dict[str, bool]:
    return {key: True for key, value in facts.items() if value}


def _fields(row: Any, *names: str) -> dict[str, Any]:
    return _said(**{name: getattr(row, name) for name in names})


def _section(section: Section) -> dict[str, Any]:
    return _said(name=section.name, meets=[_slot(slot) for slot in section.slots.order_by("pk")])


def _slot(slot: ClassSlot) -> dict[str, Any]:
    clocks = {"from": f"{slot.starts:%H:%M}", "to": f"{slot.ends:%H:%M}"}
    return _said(name=slot.name, day=DAYS[slot.weekday], **clocks, place=slot.place)


def _numbers(stored: Any) -> Any:
    """A stored rule has its numbers as text; a file has them as numbers."""
    if isinstance(stored, list):
        return [_numbers(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    return {key: Decimal(value) if key in NUMBERS else _numbers(value) for key, value in stored.items() if value != []}


def _assignments(course: Course) -> list[dict[str, Any]]:
    rows = course.assignments.outside_projects().listed().select_related("group_set__project")
    return [
        {
            **_handed_in(item, course.calendar),
            **_said(
                kind=item.kind if item.kind != Kind.NOTEBOOK else "",
                groups=_named(item.group_set) if item.group_set else "",
            ),
        }
        for item in rows
    ]


def _handed_in(item: Assignment, calendar: Calendar) -> dict[str, Any]:
    """What is said of whatever is handed in, a stage of a project or not."""
    said = _said(
        slug=item.slug,
        title=item.title,
        opens=item.opens_when or (local_text(item.opens_at, calendar) if item.opens_at else ""),
        due=item.due_when or local_text(item.deadline, calendar),
        closes=item.closes_when or (local_text(item.closes_at, calendar) if item.closes_at else ""),
        description=item.description,
        late_rule=_numbers(item.late_rule) if item.late_rule is not None else {},
        questions=item.questions,
        format=item.format_rules,
    )
    return said | {FILE_NAMES.get(k, k): getattr(item, k) for k, usual in USUAL.items() if getattr(item, k) != usual}


def _marks(course: Course, components: Sequence[Component]) -> list[str]:
    """Names of what is entered and counts nowhere."""
    counted = {component.assignment_id for component in components}
    return [item.title for item in entered_of(course) if item.pk not in counted]


def _final(course: Course) -> dict[str, Any] | None:
    stored = FinalScale.objects.filter(course=course).first()
    return _numbers(stored.scale) if stored is not None and stored.scale else None


def _named(groups: GroupSet) -> str:
    """As the file calls them: the project's are `project`, whatever their address is."""
    return PROJECT_SLUG if hasattr(groups, "project") else groups.slug


def _groups(groups: GroupSet, calendar: Calendar) -> dict[str, Any]:
    """A set of groups beside the project's."""
    fixed = local_text(groups.groups_fixed_at, calendar) if groups.groups_fixed_at else ""
    return {
        **_fields(groups, "slug", "title", "smallest_group", "largest_group", "across_sections"),
        **_said(groups_fixed=fixed),
    }


def _project(course: Course) -> dict[str, Any] | None:
    project = project_of(course.pk)
    if project is None:
        return None
    groups = project.group_set
    stages = [_handed_in(stage, course.calendar) for stage in project.stages.all()]
    fixed = local_text(groups.groups_fixed_at, course.calendar) if groups.groups_fixed_at else ""
    return {
        **_fields(project, "title", "description"),
        **_fields(groups, "smallest_group", "largest_group", "across_sections"),
        **_fields(project, "topic_first", "topic_blocks", "topics_hidden"),
        **_fields(groups, "contribution_span"),
        **_fields(project, "talks", "ballot"),
        **_said(groups_fixed=fixed),
        "stages": stages,
    }


def _parts(parent: Component, components: list[Component]) -> list[dict[str, Any]]:
    return [_part(child, components) for child in components if child.parent_id == parent.pk]


def _part(component: Component, components: list[Component]) -> dict[str, Any]:
    part: dict[str, Any] = {"name": component.name, "weight": component.weight}
    if component.optional != "no":
        part["optional"] = component.optional
    part.update(_rules(component))
    assignment = component.assignment
    if assignment is not None and assignment.kind == Kind.ENTERED:
        return {**part, "entered": True}
    if assignment is not None:
        is_stage = assignment.kind == Kind.PAPER and hasattr(assignment.group_set, "project")
        return {**part, "stage" if is_stage else "assignment": assignment.slug}
    return {**part, "parts": _parts(component, components)}


def _rules(component: Component) -> dict[str, Any]:
    return _said(**{name: getattr(component, name) for name in RULES})
