"""What a project asks, as people read it. Settings as in `docs/course.schema.json`."""

from collections.abc import Mapping
from typing import Any


def talks_sentence(talks: Mapping[str, Any]) -> str:
    """Who presents how; empty without a rule."""
    if not talks:
        return ""
    where = " of each section" if talks.get("per_section") else ""
    return (
        f"The {talks['groups']} groups{where} with the best {talks['ranked_by']} give a talk of {talks['minutes']} minutes; "
        f"the others make a {talks['others']}."
    )


def ballot_sentence(ballot: Mapping[str, Any]) -> str:
    """How students rank each other's presentations; empty without a rule."""
    if not ballot:
        return ""
    return (
        f"Students rank the other groups of each track, never their own, at least {ballot['least']} of them; "
        f"marks run from {ballot['lowest_mark']} to {ballot['highest_mark']}."
    )
