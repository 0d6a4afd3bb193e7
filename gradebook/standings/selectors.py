"""The gradebook: every student's marks and standing in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from assignments.kinds.registry import kind_of
from assignments.models import Assignment
from assignments.selectors import Key, marked_of
from courses.models import Course, Enrolment
from courses.policy.lateness import LateRule
from gradebook.models import Component, Scheme
from gradebook.policy.leaves import leaf_of
from gradebook.policy.totals import Standing, below_minimum, standing
from gradebook.policy.tree import Leaf, Node, Optional, effective_shares
from gradebook.policy.words import scheme_sentences
from grading.policy.codes import Code
from grading.selectors.grades import ItemGrade, grades_for
from grading.visibility import shown_code, shown_total

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Column:
    """One leaf of the scheme: its name, where it hangs, and its share of the course in percent."""

    component: Component
    path: str
    share: Fraction

    @property
    def assignment_pk(self) -> int:
        """Key of what it hangs on."""
        return self.component.assignment_id or 0


@dataclass(frozen=True)
class Cell:
    """A student's mark in one column, as the viewer may know it, and its arithmetic. `item`: the assignment, if it is one."""

    item: ItemGrade | None
    total: tuple[Decimal, Decimal] | None
    sentence: str = ""
    code: str = ""
    """`absent`, `deferred`, `exempt` instead of a mark, as far as the viewer may know."""

    @property
    def share(self) -> Fraction | None:
        """Of its maximum."""
        return Fraction(self.total[0]) / Fraction(self.total[1]) if self.total and self.total[1] else None


@dataclass(frozen=True)
class Row:
    """One student: their cells in column order, and where they stand."""

    student: Enrolment
    cells: Sequence[Cell]
    standing: Standing
    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    """What is known of each column, by the key of its component."""
    below_minimum: Sequence[str] = ()
    """Names of the components that are wholly graded and lie below what is needed to pass."""


@dataclass(frozen=True)
class Gradebook:
    """Columns and rows; no columns when the course has no graded component."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    sentences: Sequence[str] = ()
    """How it counts, as students read it."""
    tree: Node | None = None
    pass_line: Decimal | None = None
    """Percent of the whole that is needed to pass; None: the course says none."""


def current_components(course: Course) -> list[Component]:
    """The components of the scheme that holds now, in order."""
    scheme = Scheme.objects.filter(course=course).order_by("-version").first()
    return list(scheme.components.select_related("assignment")) if scheme else []


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
            cap=component.cap,
        )

    roots = children.get(None, [])
    return node(roots[0]) if roots else None


def gradebook(
    viewer: Enrolment,
    students: Sequence[Enrolment],
    *,
    components: Sequence[Component] | None = None,
    rule: LateRule | None = None,
) -> Gradebook:
    """What this viewer may know of these students. The gate decides each number.

    `components`, `rule`: as if these were the course's scheme and late rule.
    """
    components = current_components(viewer.course) if components is None else components
    tree = tree_of(components)
    if tree is None or not tree.children:
        return Gradebook([], [])
    columns = _columns(components, tree)
    items = grades_for(list(marked_of(viewer.course)), students, rule=rule)
    names = {str(component.pk): component.name for component in components}
    rows = [_row(viewer, student, columns, tree, items, names) for student in students]
    return Gradebook(columns, rows, scheme_sentences(tree, names), tree, tree.minimum)


def _row(
    viewer: Enrolment,
    student: Enrolment,
    columns: Sequence[Column],
    tree: Node,
    known: Mapping[Key, ItemGrade],
    names: Mapping[str, str],
) -> Row:
    cells = []
    leaves: dict[str, Leaf] = {}
    for column in columns:
        cell, handed_in = _cell(viewer, known.get((column.assignment_pk, student.pk)))
        cells.append(cell)
        leaves[str(column.component.pk)] = leaf_of(cell.code, cell.share, handed_in=handed_in)
    below = [names[key] for key in below_minimum(tree, leaves)]
    return Row(student, cells, standing(tree, leaves), leaves, below)


def _cell(viewer: Enrolment, item: ItemGrade | None) -> tuple[Cell, bool]:
    """The cell, and whether there is any work: what was handed in, or an entered mark that the viewer may know."""
    if item is None:
        return Cell(None, None), False
    total, code = shown_total(viewer, item), shown_code(viewer, item)
    is_handed_in = kind_of(item.history.assignment).is_handed_in
    if not is_handed_in and total is None and not code:
        return Cell(None, None), False
    if code:  # the word holds, whatever was handed in or reckoned
        nothing = (Decimal(), total[1] if total else HUNDRED) if code == Code.ABSENT else None
        return Cell(item, nothing, "", code), item.history.handed_in
    sentence = item.shown.sentence if item.shown else ""
    if viewer.is_staff and not is_handed_in and item.grade is not None:
        sentence = item.grade.sentence
    return Cell(item, total, sentence), item.history.handed_in


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
    items = grades_for(assignments, [viewer])
    return [(a, items[a.pk, viewer.pk], shown_total(viewer, items[a.pk, viewer.pk])) for a in assignments]
