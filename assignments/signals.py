"""The messages that travel up. Each is sent inside the transaction that wrote the row, so both happen or neither."""

from django.dispatch import Signal

submission_received = Signal()
"""A submission was stored. Sent by `services.receive_submission` with `submission`."""

notebook_received = Signal()
"""An instructor notebook was stored. Sent by `services.receive_notebook` with `notebook`."""
