"""The gradebook: every student's marks and standing in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assignments.models import Assignment
from assignments.selectors import assignments_of
from courses.models import Course, Enrolment
from grading.models import Component, Scheme
from grading.policy.totals import Leaf, Node, Optional, Standing, below_minimum, effective_shares, standing
from grading.policy.words import scheme_sentences
from grading.selectors.grades import ItemGrade, grades_of
from grading.visibility import shown_total


@dataclass(frozen=True)
class Column:
    """One leaf of the scheme: its name, where it hangs, and its share of the course in percent."""

    component: Component
    path: str
    share: Fraction


@dataclass(frozen=True)
class Cell:
    """A student's mark in one column, as the viewer may know it. `item` is None for what is no assignment."""

    item: ItemGrade | None
    total: tuple[object, object] | None


@dataclass(frozen=True)
class Row:
    """One student: their cells in column order, and where they stand."""

    student: Enrolment
    cells: Sequence[Cell]
    standing: Standing
    below_minimum: Sequence[str] = ()
    """Names of the components that are wholly graded and lie below what is needed to pass."""


@dataclass(frozen=True)
class Gradebook:
    """Columns and rows; no columns when the course has no graded component."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    sentences: Sequence[str] = ()
    """How it counts, as students read it."""


def current_components(course: Course) -> list[Component]:
    """The components of the scheme that holds now, in order."""
    scheme = Scheme.objects.filter(course=course).order_by("-version").first()
    return list(scheme.components.select_related("assignment", "stage")) if scheme else []


def tree_of(components: Sequence[Component]) -> Node | None:
    """The scheme as the pure rules read it; keys are component pks."""
    children: dict[int | None, list[Component]] = {}
    for component in components:
        children.setdefault(component.parent_id, []).append(component)

    def node(component: Component) -> Node:
        below = tuple(node(child) for child in children.get(component.pk, []))
        return Node(
            str(component.pk),
            component.weight,
            below,
            Optional(component.optional),
            drop=component.drop,
            best=component.best,
            better_of=component.better_of,
            minimum=component.minimum,
        )

    roots = children.get(None, [])
    return node(roots[0]) if roots else None


def gradebook(viewer: Enrolment, students: Sequence[Enrolment]) -> Gradebook:
    """What this viewer may know of these students. The gate decides each number."""
    components = current_components(viewer.course)
    tree = tree_of(components)
    if tree is None or not tree.children:
        return Gradebook([], [])
    columns = _columns(components, tree)
    assignments = list(assignments_of(viewer.course))
    items = grades_of(assignments, students)
    names = {str(component.pk): component.name for component in components}
    rows = [_row(viewer, student, columns, tree, items, names) for student in students]
    return Gradebook(columns, rows, scheme_sentences(tree, names))


def _row(
    viewer: Enrolment,
    student: Enrolment,
    columns: Sequence[Column],
    tree: Node,
    items: Mapping[tuple[int, int], ItemGrade],
    names: Mapping[str, str],
) -> Row:
    cells = []
    leaves: dict[str, Leaf] = {}
    for column in columns:
        item = items.get((column.component.assignment_id or 0, student.pk))
        known = shown_total(viewer, item) if item else None
        cells.append(Cell(item, known))
        share = Fraction(known[0]) / Fraction(known[1]) if known and known[1] else None
        leaves[str(column.component.pk)] = Leaf(share, handed_in=bool(item and item.history.handed_in))
    return Row(student, cells, standing(tree, leaves), [names[key] for key in below_minimum(tree, leaves)])


def _columns(components: Sequence[Component], tree: Node) -> list[Column]:
    """The leaves in the order of the tree, each with the names of what it hangs on, the course left out."""
    found = {str(component.pk): component for component in components}
    shares = effective_shares(tree)
    return [Column(found[leaf.key], _path(found[leaf.key], found), shares[leaf.key]) for leaf in tree.leaves()]


def _path(component: Component, found: Mapping[str, Component]) -> str:
    parent = found.get(str(component.parent_id))
    if parent is None or parent.parent_id is None:
        return ""
    above = _path(parent, found)
    return f"{above} › {parent.name}" if above else parent.name


def assignment_items(
    viewer: Enrolment, assignments: Sequence[Assignment]
) -> list[tuple[Assignment, ItemGrade, tuple[object, object] | None]]:
    """One student's own assignments with what they may know."""
    items = grades_of(assignments, [viewer])
    return [(a, items[a.pk, viewer.pk], shown_total(viewer, items[a.pk, viewer.pk])) for a in assignments]
