"""The messages that travel up, sent inside the transaction that wrote the row, so both happen or neither."""

from django.dispatch import Signal

deliverable_received = Signal()
"""A deliverable was stored or put back. Sent by `handing_in.services` with `deliverable`."""

speakers_changed = Signal()
"""Other groups talk than before. Sent by `talks.services` with `talk_list` and `by`, the lecturer."""
