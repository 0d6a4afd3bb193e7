"""A course file: YAML text → checked content. Every problem names its path and says what was expected.

Its schema is `docs/course.schema.json`; what a schema cannot say (references, weeks, sums) is checked here.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from courses.course_file.yaml import YamlError, read_yaml, write_yaml
from courses.policy.calendar import Break, Calendar
from courses.policy.late_rule_json import rule_from_json
from courses.policy.lateness import LateRuleError
from courses.policy.when import WhenError, end, start

Content = dict[str, Any]
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "course.schema.json"
LARGEST = 1 << 20


class CourseFileError(ValueError):
    """A file that is no course; `problems` are sentences that begin with the path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@cache
def schema() -> Content:
    """The published JSON Schema."""
    loaded: Content = json.loads(SCHEMA.read_text())
    return loaded


def read_course_file(raw: bytes, *, week_one: date) -> Content:
    """The content of a course that begins on this Monday. Raises CourseFileError with every problem found."""
    if len(raw) > LARGEST:
        raise CourseFileError([f"The file has {len(raw)} bytes; a course file has at most {LARGEST}."])
    try:
        content = read_yaml(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CourseFileError(["The file is not UTF-8 text."]) from error
    except YamlError as error:
        raise CourseFileError([str(error)]) from error
    problems = [_said(error) for error in Draft202012Validator(schema()).iter_errors(content)]
    problems = problems or [f"{path}: {text}" for path, text in _meanings(content, week_one)]
    if problems:
        raise CourseFileError(sorted(set(problems)))
    checked: Content = content
    return checked


def write_course_file(content: Content) -> str:
    """The canonical text: keys in the schema's order, nothing that says nothing."""
    return write_yaml(_ordered(content, schema()))


def calendar_of(content: Content, week_one: date) -> Calendar:
    """The teaching weeks of the course that this content makes when it begins on this Monday."""
    pausing = [day for day in content.get("holidays", ()) if day.get("pauses")]
    breaks = tuple(Break(date.fromisoformat(d["first_day"]), date.fromisoformat(d["last_day"])) for d in pausing)
    return Calendar(week_one, ZoneInfo(content["course"]["time_zone"]), content["course"]["weeks"], breaks)


def _said(error: ValidationError) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return f"{path.removeprefix('.') or 'The file'}: {_expected(error)}"


def _expected(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    found: Any = error.instance
    shape: Any = error.schema
    if error.validator == "additionalProperties":
        unknown = ", ".join(f"“{key}”" for key in found if key not in shape["properties"])
        return f"{unknown} is not known here; known are {', '.join(shape['properties'])}."
    if error.validator == "required":
        return f"{', '.join(f'“{key}”' for key in wanted if key not in found)} is missing."
    if error.validator == "oneOf":
        keys = ", ".join(f"“{choice['required'][0]}”" for choice in wanted)
        return f"exactly one of {keys} was expected."
    kinds = {
        "type": f"{wanted} was expected, not {json.dumps(found, default=str, ensure_ascii=False)}.",
        "enum": f"“{found}” is none of {', '.join(map(str, wanted)) if isinstance(wanted, list) else wanted}.",
        "const": f"only {json.dumps(wanted)} can stand here; leave it out otherwise.",
        "pattern": f"“{found}” does not have the form that was expected ({wanted}).",
        "minimum": f"{found} is less than {wanted}.",
        "maximum": f"{found} is more than {wanted}.",
    }
    return kinds.get(str(error.validator), f"{error.message}.")


def _meanings(content: Content, week_one: date) -> Iterator[tuple[str, str]]:
    if content["course"]["time_zone"] not in available_timezones():
        yield "course.time_zone", f"“{content['course']['time_zone']}” is not a time zone such as Asia/Shanghai."
        return
    try:
        calendar = calendar_of(content, week_one)
        calendar.monday(calendar.weeks)
    except (ValueError, OverflowError) as error:
        yield "holidays", f"{error}."
        return
    yield from _days(content)
    yield from _times(content, calendar)
    yield from _weeks(content)
    yield from _references(content)
    yield from _late_rules(content)


def _late_rules(content: Content) -> Iterator[tuple[str, str]]:
    """The course's, and those of single assignments and stages, which share no slip days."""
    stages = content.get("project", {}).get("stages", ())
    own = {f"assignments[{place}]": item for place, item in enumerate(content.get("assignments", ()))}
    own |= {f"project.stages[{place}]": item for place, item in enumerate(stages)}
    for where, item in {"": content, **own}.items():
        if "late_rule" not in item:
            continue
        path = f"{where}.late_rule" if where else "late_rule"
        try:
            rule_from_json(item["late_rule"])
        except LateRuleError as error:
            yield path, str(error)
        if where and "slip_days" in item["late_rule"]:
            yield f"{path}.slip_days", "slip days are the course's: say them there."


def _days(content: Content) -> Iterator[tuple[str, str]]:
    for place, day in enumerate(content.get("holidays", ())):
        try:
            if date.fromisoformat(day["last_day"]) < date.fromisoformat(day["first_day"]):
                yield f"holidays[{place}].last_day", f"“{day['last_day']}” is before “{day['first_day']}”."
        except ValueError as error:
            yield f"holidays[{place}]", f"{error}."
    for place, section in enumerate(content.get("sections", ())):
        for turn, slot in enumerate(section.get("meets", ())):
            try:
                if time.fromisoformat(slot["to"]) <= time.fromisoformat(slot["from"]):
                    yield f"sections[{place}].meets[{turn}].to", f"“{slot['to']}” is not after “{slot['from']}”."
            except ValueError as error:
                yield f"sections[{place}].meets[{turn}]", f"{error}."


def _times(content: Content, calendar: Calendar) -> Iterator[tuple[str, str]]:
    project = content.get("project", {})
    for path, items in (("assignments", content.get("assignments", ())), ("project.stages", project.get("stages", ()))):
        for place, item in enumerate(items):
            yield from _times_of(f"{path}[{place}]", item, calendar)
    yield from _group_times(project, content.get("groups", ()), calendar)


def _times_of(path: str, item: Mapping[str, Any], calendar: Calendar) -> Iterator[tuple[str, str]]:
    """Of one that is handed in: each time is one, and they follow each other."""
    ends = {"opens": start, "due": end, "closes": end}
    found = {}
    for key, read in ends.items():
        try:
            found[key] = read(item[key], calendar) if key in item else None
        except WhenError as error:
            yield f"{path}.{key}", str(error)
    opens, due, closes = (found.get(key) for key in ends)
    if opens and due and due <= opens:
        yield f"{path}.due", f"“{item['due']}” is not after “{item['opens']}”, when it opens."
    if due and closes and closes < due:
        yield f"{path}.closes", f"“{item['closes']}” is before “{item['due']}”, when it is due."


def _group_times(
    project: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], calendar: Calendar
) -> Iterator[tuple[str, str]]:
    said = {
        f"groups[{place}].groups_fixed": item["groups_fixed"]
        for place, item in enumerate(groups)
        if "groups_fixed" in item
    }
    if "groups_fixed" in project:
        said["project.groups_fixed"] = project["groups_fixed"]
    for path, when in said.items():
        try:
            end(when, calendar)
        except WhenError as error:
            yield path, str(error)


def _weeks(content: Content) -> Iterator[tuple[str, str]]:
    last = content["course"]["weeks"]
    for place, topic in enumerate(content.get("topics", ())):
        weeks = [int(week) for week in topic.get("weeks", "1").split("-")]
        if weeks != sorted(weeks) or not 1 <= weeks[0] <= weeks[-1] <= last:
            yield f"topics[{place}].weeks", f"“{topic['weeks']}” is not within weeks 1 to {last}."
    for place, material in enumerate(content.get("materials", ())):
        if material.get("week", 1) > last:
            yield f"materials[{place}].week", f"the course has weeks 1 to {last}."


def _references(content: Content) -> Iterator[tuple[str, str]]:
    project = content.get("project", {})
    known = {
        "assignment": [item["slug"] for item in content.get("assignments", ())],
        "stage": [stage["slug"] for stage in project.get("stages", ())],
        "section": [section["name"] for section in content.get("sections", ())],
    }
    yield from _twice(known)
    yield from _twice({"assignments and stage": known["assignment"] + known["stage"]})
    yield from _groups(content, project)
    for place, position in enumerate(content.get("staff", ())):
        if position.get("section", None) not in (None, *known["section"]):
            yield f"staff[{place}].section", _unknown(position["section"], known["section"])
    if project:
        yield from _project(project, known["stage"])
    if "scheme" in content:
        yield from _scheme(content["scheme"], "scheme", known)


def _project(project: Mapping[str, Any], stages: list[str]) -> Iterator[tuple[str, str]]:
    if project["largest_group"] < project["smallest_group"]:
        yield "project.largest_group", "is smaller than the smallest group."
    ranked_by = project.get("talks", {}).get("ranked_by")
    if ranked_by not in (None, *stages):
        yield "project.talks.ranked_by", _unknown(ranked_by, stages)


def _groups(content: Content, project: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is said of groups, and of who hands in."""
    sets = [item["slug"] for item in content.get("groups", ())] + (["project"] if project else [])
    yield from _twice({"group": sets})
    for place, item in enumerate(content.get("groups", ())):
        if item["largest_group"] < item["smallest_group"]:
            yield f"groups[{place}].largest_group", "is smaller than the smallest group."
    for place, item in enumerate(content.get("assignments", ())):
        here = f"assignments[{place}]"
        if item.get("groups") not in (None, *sets):
            yield f"{here}.groups", _unknown(item["groups"], sets)
        if item.get("kind") == "paper" and item.get("groups") == "project":
            yield f"{here}.groups", "a paper of the project's groups is one of the project's “stages”."
        for key in {"questions", "format"}.intersection(item) if "kind" not in item else ():
            yield f"{here}.{key}", "is said of a paper or files: “kind” is missing."
        if "with_code" in item and item.get("kind") != "paper":
            yield f"{here}.with_code", "is said of papers only."


def _twice(known: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for kind, names in known.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield f"{kind}s", f"“{name}” stands {count} times."


def _scheme(group: Mapping[str, Any], path: str, known: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    if "drop" in group and "best" in group:
        yield path, "“drop” and “best” say the same thing twice: keep one."
    for place, part in enumerate(group["parts"]):
        here = f"{path}.parts[{place}]"
        for kind in ("assignment", "stage"):
            if part.get(kind) not in (None, *known[kind]):
                yield f"{here}.{kind}", _unknown(part[kind], known[kind])
        if "parts" in part:
            yield from _scheme(part, here, known)


def _unknown(name: str, known: list[str]) -> str:
    return f"there is no “{name}”; known are {', '.join(known) or 'none'}."


def _ordered(content: Any, shape: Content) -> Any:
    """The same content with keys in the order of the schema."""
    if "$ref" in shape:
        shape = schema()["$defs"][shape["$ref"].rpartition("/")[2]]
    if isinstance(content, list):
        return [_ordered(item, shape["items"]) for item in content]
    if isinstance(content, dict):
        return {key: _ordered(content[key], inner) for key, inner in shape["properties"].items() if key in content}
    return content
