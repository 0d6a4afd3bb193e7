"""A draft of the weights: whether it can hold, what it would do, and making it the scheme that holds."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import transaction

from courses.models import Course, Enrolment
from grading.impact import Impact, impact_of, students_of
from grading.models import Component, EnteredItem, Scheme
from grading.policy.totals import Node, effective_shares
from grading.policy.weights import why_not
from grading.selectors.gradebook import gradebook, tree_of


@dataclass(frozen=True)
class Balance:
    """One line of the tree as it stands: `share` of the course in percent; `left` of 100 in a group, where that counts."""

    component: Component
    depth: int
    share: Fraction | None
    left: str


def balances(components: Sequence[Component]) -> list[Balance]:
    """Every component with its share of the course and, for groups, why it cannot hold yet."""
    tree = tree_of(components)
    found = {str(component.pk): component for component in components}
    return list(_balances(tree, found, effective_shares(tree), 0)) if tree is not None else []


def _balances(node: Node, found: dict[str, Component], shares: dict[str, Fraction], depth: int) -> Iterator[Balance]:
    component = found[node.key]
    share = sum((shares.get(leaf.key, Fraction()) for leaf in node.leaves()), Fraction())
    yield Balance(component, depth, share, why_not(node, component.name) if node.children else "")
    for child in node.children:
        yield from _balances(child, found, shares, depth + 1)


def unbalanced(components: Sequence[Component]) -> list[str]:
    """Why these weights cannot hold in a course that students see; empty when they can."""
    return [balance.left for balance in balances(components) if balance.left]


def scheme_impact(lecturer: Enrolment, components: Sequence[Component]) -> Impact:
    """What these weights would do to the standings of everybody, by the gradebook's own route."""
    students = students_of(lecturer.course)
    return impact_of(gradebook(lecturer, students), gradebook(lecturer, students, components=components))


def digest_of(components: Sequence[Component], impact: Impact) -> str:
    """Changes with the weights and with what they would do: who saves has seen exactly this."""
    fields = ("kind", "name", "assignment_id", "stage_id", "entered_id", "parent_id", "optional", "drop", "best")
    rows = [[getattr(c, name) for name in fields] + [str(c.weight), c.better_of, str(c.minimum)] for c in components]
    moves = [[move.student.pk, str(move.before), str(move.after)] for move in impact.moves]
    return hashlib.sha256(json.dumps([rows, moves]).encode()).hexdigest()[:32]


@transaction.atomic
def save_scheme(*, course: Course, components: Sequence[Component], reason: str = "") -> Scheme:
    """A new version of the scheme; earlier versions stay. `components`: not stored, each after its parent."""
    Course.objects.select_for_update().get(pk=course.pk)
    latest = Scheme.objects.filter(course=course).order_by("-version").first()
    scheme = Scheme.objects.create(course=course, version=latest.version + 1 if latest else 1, reason=reason)
    stored: dict[int | None, Component] = {}
    for component in components:
        if component.kind == Component.Kind.ENTERED:
            component.entered = _item(course, component)
        parent = stored.get(component.parent_id)
        draft, component.pk = component.pk, None
        component.scheme, component.parent = scheme, parent
        component.save(force_insert=True)
        stored[draft] = component
    return scheme


def _item(course: Course, component: Component) -> EnteredItem:
    """The mark that it means, under its present name."""
    if component.entered_id is None:
        return EnteredItem.objects.get_or_create(course=course, name=component.name)[0]
    item = EnteredItem.objects.get(pk=component.entered_id, course=course)
    if item.name != component.name:
        item.name = component.name
        item.save(update_fields=["name"])
    return item
