"""A draft of the weights: whether it can hold, what it would do, and making it the scheme that holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import transaction
from django.db.models import Max

from assignments.selectors import entered_of
from assignments.services import create_entered
from courses.digests import digest_of as facts_of
from courses.history.services import WEIGHTS, Change, record_changes
from courses.models import Course, Enrolment
from gradebook.effects.impact import Impact, impact_of, students_of
from gradebook.models import Component, Scheme
from gradebook.policy.tree import Node, Optional, effective_shares
from gradebook.policy.weights import why_not
from gradebook.policy.words import SHORT
from gradebook.standings.selectors import gradebook, tree_of


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


def digest_of(components: Sequence[Component], impact: Impact, version: int) -> str:
    """Changes with the weights, with those they replace and with what they would do: who saves has seen exactly this."""
    fields = ("kind", "name", "assignment_id", "parent_id", "optional", "drop", "best")
    rows = [
        [getattr(c, name) for name in fields] + [str(c.weight), c.better_of, str(c.minimum), str(c.cap)]
        for c in components
    ]
    moves = [[move.student.pk, str(move.before), str(move.after)] for move in impact.moves]
    crossing = [[student.pk for student in students] for students in (impact.failing, impact.passing)]
    return facts_of(version, rows, moves, crossing)


class SchemeOutdated(Exception):
    """Somebody else has changed the weights since they were looked at."""


def version_of(course: Course) -> int:
    """Of the scheme that holds; 0: there is none."""
    return Scheme.objects.filter(course=course).aggregate(last=Max("version"))["last"] or 0


@transaction.atomic
def save_scheme(
    *,
    course: Course,
    components: Sequence[Component],
    reason: str = "",
    based_on: int | None = None,
    by: Enrolment | None = None,
) -> Scheme:
    """A new version of the scheme; earlier versions stay. `components`: not stored, each after its parent.

    `by`: who wants it, for the history of settings.

    Raises SchemeOutdated if the version that holds is not the one this is `based_on`.
    """
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    latest = version_of(course)
    if based_on not in (None, latest):
        raise SchemeOutdated
    if by is not None:
        record_changes(by=by, topic=WEIGHTS, changes=_differences(course, latest, components), reason=reason)
    scheme = Scheme.objects.create(course=course, version=latest + 1, reason=reason)
    _rename(course, components)
    stored: dict[int | None, Component] = {}
    for component in components:
        if component.kind == Component.Kind.ASSIGNMENT and component.assignment_id is None:
            component.assignment = create_entered(course=course, title=component.name)
        draft, component.pk = component.pk, None
        component.scheme, component.parent = scheme, stored.get(component.parent_id)
        component.save(force_insert=True)
        stored[draft] = component
    return scheme


def _differences(course: Course, version: int, components: Sequence[Component]) -> list[Change]:
    """Each part whose weight or rules change, by its path."""
    old = weights_in_words(
        Component.objects.filter(scheme__course=course, scheme__version=version).order_by("position", "pk")
    )
    new = weights_in_words(components)
    return [Change(path, "Weight", old.get(path, ""), new.get(path, "")) for path in {**old, **new}]


def weights_in_words(components: Iterable[Component]) -> dict[str, str]:
    """Path → weight and rules, of a tree in which each part stands after its parent, without the root."""
    found = {component.pk: component for component in components}
    said: dict[str, str] = {}
    for component in found.values():
        if component.parent_id is None:
            continue
        rules = [f"{component.weight.normalize():f} %"]
        rules += [f"drop {component.drop}"] if component.drop else []
        rules += [f"best {component.best}"] if component.best else []
        rules += ["the better of"] if component.better_of else []
        rules += [f"at least {component.minimum.normalize():f}"] if component.minimum is not None else []
        rules += [f"at most {component.cap.normalize():f}"] if component.cap is not None else []
        rules += [SHORT[Optional(component.optional)]] if component.optional != Optional.NO else []
        said[_path(component, found)] = ", ".join(rules)
    return said


def _path(component: Component, found: Mapping[int, Component]) -> str:
    """With everything that it hangs on, the course left out."""
    parent = found[component.parent_id or 0]
    return component.name if parent.parent_id is None else f"{_path(parent, found)} › {component.name}"


def _rename(course: Course, components: Sequence[Component]) -> None:
    """Marks keep their items and get the names of their rows; names may be swapped."""
    wanted = {component.assignment_id: component.name for component in components}
    renamed = [item for item in entered_of(course) if wanted.get(item.pk, item.title) != item.title]
    for item in renamed:
        item.title = f"~{item.pk}"
        item.save(update_fields=["title"])
    for item in renamed:
        item.title = wanted[item.pk]
        item.save(update_fields=["title"])
