"""The rows of the weight editor: what was typed, read into the components of a scheme that is not stored yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from assignments.models import Assignment
from assignments.models import Kind as AssignmentKind
from assignments.selectors import entered_of
from courses.models import Course
from courses.requests import clean_text
from gradebook.models import ROOT, Component
from gradebook.policy.tree import Optional
from gradebook.policy.weights import WeightError, cap_of, distributed, weight_of, weight_text
from gradebook.standings.selectors import current_components

FIELDS = (
    "key", "kind", "target", "name", "weight", "parent", "optional", "drop", "best", "better_of", "minimum", "cap",
    "remove",
)  # fmt: skip
TOP = "root"
LOST = "lost"
MOST_ROWS = 200
MOST_DIGITS = 3
Raw = dict[str, str]
"""One row as it was typed; its keys are FIELDS and, for the page, `depth`."""


@dataclass
class Draft:
    """`components`: not stored, with keys of their own; `problems`: row key → what is wrong with it."""

    components: list[Component] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def stored_rows(course: Course) -> list[Raw]:
    """The scheme that holds, as rows; the course itself first."""
    components = current_components(course)
    keys = {c.pk: TOP if c.parent_id is None else f"c{c.pk}" for c in components}
    rows = [_raw(component, keys) for component in components]
    return rows or [_top()]


def _raw(component: Component, keys: Mapping[int, str]) -> Raw:
    is_entered = component.assignment is not None and component.assignment.kind == AssignmentKind.ENTERED
    return {
        "key": keys[component.pk],
        "kind": "entered" if is_entered else component.kind,
        "target": f"{component.assignment_id or ''}",
        "name": component.name,
        "weight": weight_text(component.weight),
        "parent": keys.get(component.parent_id or 0, ""),
        "optional": component.optional,
        "drop": f"{component.drop or ''}",
        "best": f"{component.best or ''}",
        "better_of": "on" if component.better_of else "",
        "minimum": "" if component.minimum is None else weight_text(component.minimum),
        "cap": "" if component.cap is None else weight_text(component.cap),
        "remove": "",
    }


def typed_rows(posted: Mapping[str, str]) -> list[Raw]:
    """The rows of the form, at most MOST_ROWS, and always the course itself."""
    keys = [name.removesuffix("-kind") for name in posted if name.endswith("-kind")][:MOST_ROWS]
    if TOP not in keys:
        return [_top()]
    return [{"key": key, **{name: clean_text(posted.get(f"{key}-{name}", "")) for name in FIELDS[1:]}} for key in keys]


def _top() -> Raw:
    return {**dict.fromkeys(FIELDS, ""), "key": TOP, "kind": "group", "name": ROOT, "weight": "100"}


def in_order(rows: Sequence[Raw]) -> list[Raw]:
    """The course, then each group before its parts, with `depth`. What hangs on no group, or on itself, comes last."""
    groups = {row["key"] for row in rows if row["kind"] == "group"}
    found = [{**row, "depth": "0"} for row in rows if row["key"] == TOP][:1]

    def below(parent: str, depth: int) -> None:
        for row in rows:
            if row["parent"] == parent and row["key"] != TOP:
                found.append({**row, "depth": f"{depth}"})
                if row["key"] in groups:
                    below(row["key"], depth + 1)

    below(TOP, 1)
    reached = {row["key"] for row in found}
    return found + [{**row, "depth": LOST} for row in rows if row["key"] not in reached]


def with_part(rows: Sequence[Raw], what: str, parts: Iterable[tuple[str, str]]) -> list[Raw]:
    """One row more. `what`: one of `parts`, for example `assignment:12`, `entered:` or `group:`."""
    names = dict(parts)
    if what not in names:
        return list(rows)
    kind, _, target = what.partition(":")
    number = 1
    while any(row["key"] == f"new{number}" for row in rows):
        number += 1
    name = names[what] if target else ""
    new = {**dict.fromkeys(FIELDS, ""), "key": f"new{number}", "kind": kind, "target": target, "name": name}
    return [*rows, {**new, "parent": TOP, "optional": "no"}]


def distribute(rows: Sequence[Raw], group: str) -> str:
    """Fill the empty weights of a group's parts; the sentence that says why not, or nothing."""
    parts = [row for row in rows if row["parent"] == group and not row["remove"] and row["optional"] != Optional.BONUS]
    try:
        shares = distributed([weight_of(row["weight"]) if row["weight"] else None for row in parts])
    except WeightError as error:
        return str(error)
    for row, share in zip(parts, shares, strict=True):
        row["weight"] = weight_text(share)
    return ""


def read_draft(rows: Sequence[Raw], course: Course) -> Draft:
    """The components that were meant, or what is wrong in which row."""
    kept = in_order([row for row in rows if not row["remove"]])
    pks = {row["key"]: number for number, row in enumerate(kept, start=1)}
    known = _Known.of(course, kept)
    draft = Draft()
    for row in kept:
        try:
            _check_place(row, kept)
            draft.components.append(known.component(row, pks))
        except WeightError as error:
            draft.problems[row["key"]] = str(error)
    return draft


def _check_place(row: Raw, kept: Sequence[Raw]) -> None:
    if row["depth"] == LOST:
        raise WeightError("Choose the group that it is part of.")
    if row["kind"] == "group" and not any(other["parent"] == row["key"] for other in kept):
        raise WeightError("This group has no parts: add one, or remove it.")
    if row["drop"] and row["best"]:
        raise WeightError("Drop the lowest or count the best, not both.")


@dataclass
class _Known:
    """What parts of this course can be; `items`: entered marks with the names that the rows give them."""

    assignments: dict[int, Assignment]
    items: dict[int, str]
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, course: Course, rows: Sequence[Raw]) -> "_Known":
        """`rows`: those that stay; they say what each mark will be called."""
        known = cls(
            {assignment.pk: assignment for assignment in course.assignments.listed()},
            {assignment.pk: assignment.title for assignment in entered_of(course)},
        )
        renamed = {_pk(row["target"]): row["name"] for row in rows if row["kind"] == "entered" and row["target"]}
        known.names = {pk: renamed.get(pk, name) for pk, name in known.items.items()}
        return known

    def component(self, row: Raw, pks: Mapping[str, int]) -> Component:
        """A component that is not stored. Raises WeightError with what is wrong."""
        if not 0 < len(row["name"]) <= 120:  # noqa: PLR2004  as the column
            raise WeightError("Give it a name of at most 120 characters.")
        if row["optional"] not in {"", *Optional}:
            raise WeightError("Choose what being optional means.")
        is_top = row["key"] == TOP
        return Component(
            pk=pks[row["key"]],
            parent_id=None if is_top else pks[row["parent"]],
            kind="group" if is_top or row["kind"] == "group" else "assignment",
            name=row["name"],
            weight=Decimal(100) if is_top else weight_of(row["weight"]),
            optional="no" if is_top else row["optional"] or "no",
            drop=_count(row["drop"]),
            best=_count(row["best"]),
            better_of=bool(row["better_of"]),
            minimum=weight_of(row["minimum"]) if row["minimum"] else None,
            cap=cap_of(row["cap"]) if row["cap"] else None,
            position=pks[row["key"]],
            **({} if is_top else self._target(row)),
        )

    def _target(self, row: Raw) -> dict[str, Assignment | None]:
        kind = row["kind"]
        pk = _pk(row["target"])
        if kind == "entered":
            item = self._item(pk, row["name"])
            return {"assignment": self.assignments[item] if item else None}
        if kind == "group":
            return {}
        if kind == "assignment" and pk in self.assignments and pk not in self.items:
            return {"assignment": self.assignments[pk]}
        raise WeightError("There is no such part in this course.")

    def _item(self, pk: int | None, name: str) -> int | None:
        """The item that this name means once the draft holds: one name is one mark. None: a new one."""
        if pk is not None and pk not in self.items:
            raise WeightError("There is no such mark in this course.")
        owners = [item for item, known in self.names.items() if known == name]
        if len(owners) > 1 or (pk is not None and owners != [pk]):
            raise WeightError("Another mark is called that, or this one is called something else in another row.")
        return owners[0] if owners else None


def _pk(text: str) -> int | None:
    return int(text[:18]) if text.isascii() and text.isdecimal() else None


def _count(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise WeightError(f"“{text[:20]}” is not a number of parts.")
    return int(text)
