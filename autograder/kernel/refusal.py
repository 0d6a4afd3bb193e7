"""The one error of the codec."""


class Refused(Exception):
    """This value cannot cross between sandboxes; the text names what it is."""
