"""Numbers and owners in addresses."""

from django.urls.converters import IntConverter, StringConverter


class NumberConverter(IntConverter):
    """A key that a database takes: what is longer names nothing, and is not found."""

    regex = "[0-9]{1,9}"


class OwnerConverter(StringConverter):
    """A student's number, or `g` and a group's."""

    regex = "g?[0-9]{1,9}"
