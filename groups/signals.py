"""What groups tell the rooms above."""

from django.dispatch import Signal

groups_merged = Signal()
"""`group`, `into`, `by`, `reason`, `shared`: whether what they have handed in counts for all of them."""
