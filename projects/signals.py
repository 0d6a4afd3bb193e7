"""The messages that travel up, sent inside the transaction that wrote the row, so both happen or neither."""

from django.dispatch import Signal

speakers_changed = Signal()
"""Other groups talk than before. Sent by `talks.services` with `talk_list` and `by`, the lecturer."""
