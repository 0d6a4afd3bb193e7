"""Values crossing between sandboxes: they come back as they were, and nothing else comes."""

import collections
import contextlib
import datetime as dt
import enum
import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.kernel import codec
from autograder.kernel.codec import Decoder, Encoder
from autograder.kernel.refusal import Refused

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
    | st.decimals(allow_nan=False) | st.fractions() | st.datetimes() | st.dates() | st.timedeltas()
)  # fmt: skip
HASHABLE = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.sets(HASHABLE, max_size=4)
        | st.frozensets(HASHABLE, max_size=4)
    ),
    max_leaves=12,
)


def crossed(value):
    """The value after a real crossing, JSON text in between."""
    return Decoder().decode(json.loads(json.dumps(Encoder().encode(value))))


def same(a, b):
    """Equal, of equal types, all the way down; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b


@given(VALUES)
def test_plain_values_cross_unchanged(value):
    assert same(crossed(value), value)


@given(
    st.sampled_from(["i8", "f4", "f8", "c16", "?", "u1", "U3", "S3", "M8[s]"]),
    st.lists(st.integers(0, 3), min_size=0, max_size=3),
)
def test_arrays_cross_unchanged(dtype, shape):
    array = np.zeros(shape, dtype=dtype) if "M8" in dtype else np.ones(shape).astype(dtype)

    got = crossed(array)

    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert (got == array).all()


@pytest.mark.parametrize(
    "value",
    [
        10**40, -(10**18), range(1, 9, 2), slice(None, 3), ..., bytearray(b"x"), Decimal("1.50"), Fraction(1, 3),
        dt.time(12, 30), collections.Counter("abca"), collections.OrderedDict(b=1, a=2),
        collections.deque([1, 2], maxlen=3), np.float32(2.5), np.int64(-3), np.bool_(True), np.str_("x"),
        np.datetime64("2026-01-01"), np.dtype("f4"), pd.Timestamp("2026-01-01T10:00"), pd.Timedelta("3 days"),
    ],
)  # fmt: skip
def test_library_values_cross_unchanged(value):
    got = crossed(value)

    assert type(got) is type(value)
    assert got == value


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, np.nan]}),
        pd.DataFrame({"when": pd.to_datetime(["2026-01-01", "2026-01-02"])}),
        pd.DataFrame({"a": [1, 2]}, index=["one", "two"]),
        pd.DataFrame({"a": pd.Series(["x", "y"], dtype="category")}),
        pd.DataFrame({("a", 1): [1], ("b", 2): [2]}),
        pd.DataFrame({"k": [1, 1, 2], "v": [1.0, 2.0, 3.0]}).groupby("k").mean(),
        pd.DataFrame([[1, 2], [3, 4]], columns=["same", "same"]),
        pd.DataFrame(),
    ],
)
def test_frames_cross_unchanged(frame):
    pd.testing.assert_frame_equal(crossed(frame), frame)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2], name="n"),
        pd.Series([1.5], index=pd.date_range("2026", periods=1)),
        pd.Series([1, 2, 3], index=pd.MultiIndex.from_tuples([(1, "a"), (1, "b"), (2, "a")], names=["x", "y"])),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([], dtype=float),
    ],
)
def test_series_cross_unchanged(series):
    pd.testing.assert_series_equal(crossed(series), series, check_freq=False)


def test_object_arrays_cross_item_by_item():
    got = crossed(np.array([1, "x", None, [2]], dtype=object))

    assert got.dtype == object
    assert got.tolist() == [1, "x", None, [2]]


def test_generators_of_random_numbers_cross_with_their_state():
    one, other = np.random.default_rng(5), np.random.RandomState(5)

    assert crossed(one).random() == np.random.default_rng(5).random()
    assert crossed(other).random_sample() == np.random.RandomState(5).random_sample()


class Liar(list):
    """Claims to equal everything and to be longer than it is."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __iter__(self):
        return iter([42])

    def __len__(self):
        return 99


class LyingNumber(int):
    def __add__(self, other):
        return 42

    def __int__(self):
        return 42


class LyingArray(np.ndarray):
    def __array__(self, *_, **__):
        return np.array([42])

    def tobytes(self, order="C"):
        return b"x" * 8


class Colour(enum.IntEnum):
    RED = 3


def test_a_subclass_crosses_as_its_base_and_its_own_methods_are_not_asked():
    assert crossed(Liar([1, 2])) == [1, 2]
    assert type(crossed(Liar([1]))) is list
    assert crossed(LyingNumber(7)) == 7
    assert crossed(np.array([1.0, 2.0]).view(LyingArray)).tolist() == [1.0, 2.0]
    assert crossed(Colour.RED) == 3
    assert type(crossed(collections.defaultdict(int, a=1))) is dict


Point = collections.namedtuple("Point", "x y")  # noqa: PYI024  the thing itself


def test_a_named_tuple_keeps_its_names():
    point = Point(1, 2)

    got = crossed(point)

    assert (got.x, got.y, got) == (1, 2, (1, 2))


def test_views_of_a_dictionary_cross():
    assert crossed({"a": 1}.keys()) == {"a"}
    assert list(crossed({"a": 1}.values())) == [1]
    assert list(crossed({"a": 1}.items())) == [("a", 1)]


@pytest.mark.parametrize(
    "value", [object(), lambda: 1, open, json, np.zeros(2, dtype=[("a", int)]), type("Mine", (), {})()]
)
def test_what_is_no_data_is_refused(value):
    with pytest.raises(Refused):
        Encoder().encode(value)


def test_what_is_too_large_or_too_deep_is_refused(monkeypatch):
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    monkeypatch.setattr(codec, "MOST_BYTES", 1000)

    for value in (nested, "x" * 2000, [b"x" * 600, b"x" * 600], np.zeros(500), 1 << 300_000):
        with pytest.raises(Refused):
            Encoder().encode(value)


def test_a_value_that_holds_itself_is_refused():
    loop: list[Any] = []
    loop.append(loop)

    with pytest.raises(Refused, match="nested"):
        Encoder().encode(loop)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"a": 1, "b": 2}, {"nothing": 1}, {"int": "zz"}, {"tuple": 3}, {"dict": [1]}, {"set": [{"dict": []}]},
        {"bytes": 7}, {"complex": ["a", "b"]}, {"range": [1, 2, 3, 4, 5]}, {"array": ["f8", [9], "AAAA"]},
        {"array": ["O", [1], ""]}, {"array": ["V8", [1], "AAAAAAAAAAA="]}, {"scalar": ["f8", ""]}, {"dtype": "O"},
        {"objects": [[3], [1]]}, {"series": [1]}, {"frame": []}, {"index": [["x"]]}, {"timestamp": "never"},
        {"missing": "x"}, {"generator": {"dict": [["bit_generator", "os.system"]]}}, {"namedtuple": ["x y", ["1"], [1]]},
        {"view": ["keys", [[1]]]}, {"ref": [1, "object", "x"]}, {"deque": 1}, {"datetime": "x"}, {"ellipsis": 1, "x": 2},
        {"tensor": ["float32", {"array": ["f4", [1], "AAAAAA=="]}, False, False]}, {"decimal": "x"},
    ],
)  # fmt: skip
def test_what_is_no_encoding_is_a_value_error(data):
    with pytest.raises(ValueError):  # noqa: PT011  any sentence will do: nobody reads it
        Decoder().decode(data)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["int", "tuple", "dict", "array", "series", "frame", "scalar", "ref", "bytes", "view", "namedtuple"]),
    inner, max_size=2), max_leaves=10))  # fmt: skip
def test_no_json_whatever_breaks_the_decoder(data):
    with contextlib.suppress(ValueError):
        Decoder().decode(data)


def test_references_are_what_the_two_sides_make_of_them():
    encoded = Encoder(lambda value: {"ref": [1, "object", type(value).__name__]}).encode([object(), 2])

    assert encoded == [{"ref": [1, "object", "object"]}, 2]
    assert Decoder(tuple).decode(encoded) == [(1, "object", "object"), 2]
