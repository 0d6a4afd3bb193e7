"""The message that travels up, sent inside the transaction that wrote the row, so both happen or neither."""

from django.dispatch import Signal

deliverable_received = Signal()
"""A deliverable was stored or put back. Sent by `handing_in.services` with `deliverable`."""
