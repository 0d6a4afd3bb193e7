"""Which groups speak instead of handing in. Only rooms above know; they register what tells it."""

from collections.abc import Callable, Mapping, Sequence

from assignments.models import Assignment

Speakers = Mapping[int, frozenset[int]]
"""Assignment pk → pks of the groups that speak there instead of handing in."""
Answer = Callable[[Sequence[Assignment]], Speakers]
_answers: list[Answer] = []


def tell_speakers(answer: Answer) -> None:
    """Called once, when the app above is ready."""
    _answers.append(answer)


def speaking_in(assignments: Sequence[Assignment]) -> Speakers:
    """Who speaks in which of these; those without speakers may be missing."""
    shared = [assignment for assignment in assignments if assignment.group_set_id is not None]
    found: dict[int, frozenset[int]] = {}
    for answer in _answers if shared else ():
        found.update(answer(shared))
    return found
