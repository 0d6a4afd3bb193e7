"""What attendance is worth. Pure."""

from collections.abc import Collection, Mapping
from fractions import Fraction

PRESENT, EXCUSED = "present", "excused"


def share_attended(meetings: Collection[int], states: Mapping[int, str]) -> Fraction | None:
    """The share of meetings at which somebody was, those left out from which they were excused; None: there was none.

    `states`: meeting → present, absent or excused; what is not noted is absent.
    """
    counted = [meeting for meeting in meetings if states.get(meeting) != EXCUSED]
    if not counted:
        return None
    return Fraction(sum(states.get(meeting) == PRESENT for meeting in counted), len(counted))
