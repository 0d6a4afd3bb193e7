"""What forms send where a key should stand."""

import pytest

from courses.requests import key_in, keys_in


@pytest.mark.parametrize(
    ("text", "key"), [("7", 7), ("", 0), ("x", 0), ("-1", 0), ("²", 0), ("٣", 0), ("9" * 5000, 0), ("1" * 19, 0)]
)
def test_a_key_or_none(text, key):
    """One that is too long is none, and not the beginning of it, which is another row's."""
    assert key_in(text) == key
    assert keys_in([text, "5"]) == {key, 5} - {0}
