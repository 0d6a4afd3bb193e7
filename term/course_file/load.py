"""Makes a course from the content of a course file: one transaction, nothing or all of it."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.db import transaction

from assignments.models import Assignment, Kind
from assignments.selectors import next_position
from assignments.services import create_assignment, create_entered
from courses.course_file.reading import Content, CourseFileError, calendar_of
from courses.models import (
    Channel,
    ClassSlot,
    Course,
    Enrolment,
    Holiday,
    Material,
    Position,
    Role,
    Section,
    Topic,
    User,
)
from courses.policy.calendar import Calendar
from courses.policy.late_rule_json import rule_as_json, rule_from_json
from courses.policy.when import DAYS, end, start
from courses.services import create_late_policy
from gradebook.models import ROOT, RULES, Component, FinalScale, Scheme
from gradebook.policy.final import ScaleError, scale_as_json, scale_from_json
from groups.models import GroupSet
from projects.models import PROJECT_SLUG, Project


@transaction.atomic
def load_course(
    content: Content, *, week_one: date, slug: str = "", term: str = "", lecturer: User | None = None
) -> Course:
    """A new, unpublished course; `slug` and `term` stand over the file's. `content` as `read_course_file` gives it.

    Raises IntegrityError if there is a course with this slug, CourseFileError for what only the whole course can tell.
    """
    facts = content["course"]
    course = Course.objects.create(
        **{**facts, "slug": slug or facts["slug"], "term": term or facts["term"]}, week_one=week_one
    )
    calendar = calendar_of(content, week_one)
    _outline(course, content)
    if "late_rule" in content:
        create_late_policy(course=course, rule=rule_from_json(content["late_rule"]))
    for item in content.get("groups", ()):
        _group_set(course, calendar, item)
    project_set = _project(course, calendar, content["project"]) if "project" in content else None
    items: dict[str, Mapping[str, Assignment]] = {
        "assignment": _assignments(course, calendar, content.get("assignments", ())),
        "stage": _stages(project_set, calendar, content["project"]["stages"]) if project_set else {},
    }
    if lecturer is not None:
        Enrolment.objects.create(user=lecturer, course=course, role=Role.LECTURER)
    for title in content.get("marks", ()):
        create_entered(course=course, title=title)
    if "final_grades" in content:
        FinalScale.objects.create(course=course, scale=_scale(content["final_grades"]))
    if "scheme" in content:
        scheme = Scheme.objects.create(course=course, version=1)
        root = Component.objects.create(scheme=scheme, kind="group", name=ROOT, weight=100, **_rules(content["scheme"]))
        _components(root, content["scheme"]["parts"], items)
    return course


def _scale(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """As it is stored. Raises CourseFileError."""
    try:
        return scale_as_json(scale_from_json(said))
    except ScaleError as error:
        raise CourseFileError([f"final_grades: {error}"]) from error


def _outline(course: Course, content: Content) -> None:
    sections = {item["name"]: _section(course, item) for item in content.get("sections", ())}
    for day in content.get("holidays", ()):
        first, last = date.fromisoformat(day["first_day"]), date.fromisoformat(day["last_day"])
        Holiday.objects.create(course=course, **{**day, "first_day": first, "last_day": last})
    for item in content.get("staff", ()):
        section = sections[item["section"]] if "section" in item else None
        role = Role[item["role"].upper()]
        Position.objects.create(course=course, role=role, section=section, count=item.get("count"))
    Channel.objects.bulk_create([Channel(course=course, **item) for item in content.get("contact", ())])
    Topic.objects.bulk_create([Topic(course=course, **item) for item in content.get("topics", ())])
    Material.objects.bulk_create([Material(course=course, **item) for item in content.get("materials", ())])


def _section(course: Course, item: Mapping[str, Any]) -> Section:
    section = Section.objects.create(course=course, name=item["name"])
    for slot in item.get("meets", ()):
        ClassSlot.objects.create(
            section=section,
            name=slot["name"],
            weekday=DAYS.index(slot["day"]),
            starts=time.fromisoformat(slot["from"]),
            ends=time.fromisoformat(slot["to"]),
            place=slot.get("place", ""),
        )
    return section


def _assignments(course: Course, calendar: Calendar, items: Sequence[Mapping[str, Any]]) -> dict[str, Assignment]:
    sets = {each.slug: each for each in course.group_sets.all()}
    return {
        item["slug"]: _assignment(course, calendar, item, position, sets[item["groups"]] if "groups" in item else None)
        for position, item in enumerate(items, start=1)
    }


SAID = ("kind", "queue", "minutes", "memory_gib", "attempts", "description", "questions", "with_code")


def _assignment(
    course: Course, calendar: Calendar, item: Mapping[str, Any], position: int, group_set: GroupSet | None
) -> Assignment:
    """One that is handed in, a stage of a project or not."""
    draft = Assignment(
        course=course,
        group_set=group_set,
        format_rules=item.get("format", {}),
        slug=item["slug"],
        title=item["title"],
        position=position,
        opens_at=start(item["opens"], calendar) if "opens" in item else None,
        opens_when=_words(item.get("opens", "")),
        due_at=end(item["due"], calendar),
        due_when=_words(item["due"]),
        closes_at=end(item["closes"], calendar) if "closes" in item else None,
        closes_when=_words(item.get("closes", "")),
        late_rule=rule_as_json(rule_from_json(item["late_rule"])) if "late_rule" in item else None,
        is_anonymous=item.get("anonymous", False),
        **{key: item[key] for key in SAID if key in item},
    )
    return create_assignment(draft)


def _words(when: str) -> str:
    """Kept where they name a week: such a time moves with the calendar."""
    return when if when.startswith("week") else ""


SET_FIELDS = ("smallest_group", "largest_group", "across_sections", "contribution_span")


def _group_set(course: Course, calendar: Calendar, item: Mapping[str, Any]) -> GroupSet:
    fields = {key: item[key] for key in SET_FIELDS if key in item}
    if "groups_fixed" in item:
        fields["groups_fixed_at"] = end(item["groups_fixed"], calendar)
    return GroupSet.objects.create(course=course, slug=item.get("slug", PROJECT_SLUG), title=item["title"], **fields)


def _project(course: Course, calendar: Calendar, item: Mapping[str, Any]) -> GroupSet:
    group_set = _group_set(course, calendar, item)
    fields = {key: value for key, value in item.items() if key not in ("stages", "groups_fixed", *SET_FIELDS)}
    Project.objects.create(course=course, group_set=group_set, **fields)
    return group_set


def _stages(group_set: GroupSet, calendar: Calendar, items: Sequence[Mapping[str, Any]]) -> dict[str, Assignment]:
    """The stages of a project, behind the other assignments."""
    course = group_set.course
    return {
        item["slug"]: _assignment(course, calendar, {**item, "kind": Kind.PAPER}, position, group_set)
        for position, item in enumerate(items, start=next_position(course))
    }


def _components(
    parent: Component, parts: Sequence[Mapping[str, Any]], items: Mapping[str, Mapping[str, Assignment]]
) -> None:
    for position, part in enumerate(parts, start=1):
        said = next((kind for kind in ("assignment", "stage", "entered") if kind in part), "group")
        item = items[said][part[said]] if said in items else None
        if said == "entered":
            item = create_entered(course=parent.scheme.course, title=part["name"])
        component = Component.objects.create(
            scheme=parent.scheme,
            parent=parent,
            kind="group" if item is None else "assignment",
            name=part["name"],
            weight=Decimal(part["weight"]),
            optional=part.get("optional", "no"),
            position=position,
            assignment=item,
            **_rules(part),
        )
        _components(component, part.get("parts", ()), items)


def _rules(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part[key] for key in RULES if key in part}
