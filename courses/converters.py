"""Numbers in addresses."""

from django.urls.converters import IntConverter


class NumberConverter(IntConverter):
    """A key that a database takes: what is longer names nothing, and is not found."""

    regex = "[0-9]{1,9}"
