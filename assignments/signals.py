"""The messages that travel up. Each is sent inside the transaction that wrote the row, so both happen or neither."""

from django.dispatch import Signal

submission_arriving = Signal()
"""Something is about to be taken. Sent by `services.receive_submission` with `assignment` and `owner`; may raise its refusal."""

submission_received = Signal()
"""A submission was stored or put back. Sent by `services` with `submission`."""

notebook_received = Signal()
"""An instructor notebook was stored. Sent by `services.receive_notebook` with `notebook`."""

assignment_created = Signal()
"""Something new is asked. Sent by `services.create_assignment` with `assignment`."""
