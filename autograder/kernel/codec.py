"""Values as data: what may cross between the student's sandbox and the tests'.

Exact types only. A subclass of a data type crosses as its base, read through the base's own methods, so that nothing
a student defined runs or arrives on the other side. Nothing is ever unpickled. What has no data form crosses as a
reference, if `refer` gives it one. JSON's own null, true, numbers, text and arrays (lists) stand for themselves;
everything else is an object with one key.
"""

import base64
import datetime as dt
from collections import Counter, OrderedDict, deque, namedtuple
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograder.kernel import codec_arrays
from autograder.kernel.refusal import Refused

MOST_ITEMS = 1_000_000
MOST_BYTES = 64 << 20
DEEPEST = 60
LARGE_INTEGER = 10**18
BIGGEST_BITS = 200_000
TEXT = 10_000
Encoded = Any
Refer = Callable[[Any], Encoded]
VIEWS: dict[type, str] = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}


def no_reference(value: Any) -> Encoded:
    """A Refer for where only data may cross."""
    raise Refused(f"a value of type {type(value).__module__}.{type(value).__qualname__}"[:200])


class Encoder:
    """One message's worth of encoding: counts items and bytes over all of it."""

    def __init__(self, refer: Refer = no_reference) -> None:
        self._refer = refer
        self._items = 0
        self._bytes = 0

    def encode(self, value: Any, depth: int = 0) -> Encoded:
        """The value as JSON-able data; raises Refused if it is too large, too deep or nothing that crosses."""
        self._items += 1
        if depth > DEEPEST or self._items > MOST_ITEMS:
            raise Refused("a value that is nested too deeply or has too many parts")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return self._integer(value)
        if kind is str:
            return self._weighed(value, len(value))
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        return self._other(kind, value, depth + 1)

    def weigh(self, size: int) -> None:
        """Count bytes that the message carries."""
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise Refused(f"more than {MOST_BYTES >> 20} MB of data")

    def _weighed(self, value: Any, size: int) -> Any:
        self.weigh(size)
        return value

    def _integer(self, value: int) -> Encoded:
        if -LARGE_INTEGER < value < LARGE_INTEGER:
            return value
        if value.bit_length() > BIGGEST_BITS:
            raise Refused("an integer with too many digits")
        return {"int": hex(value)}

    def all(self, values: Iterable[Any], depth: int) -> list[Encoded]:
        """Each of the values."""
        return [self.encode(value, depth) for value in values]

    def pairs(self, pairs: Iterable[tuple[Any, Any]], depth: int) -> list[Encoded]:
        """Each key and value."""
        return [[self.encode(key, depth), self.encode(value, depth)] for key, value in pairs]

    def _other(self, kind: type, value: Any, depth: int) -> Encoded:
        if kind in VIEWS:
            return {"view": [VIEWS[kind], self.all(value, depth)]}
        if kind in ENCODINGS:
            tag, content = ENCODINGS[kind]
            return {tag: content(self, value, depth)}
        encoded = codec_arrays.encode(self, kind, value, depth)
        return self._flattened(kind, value, depth) if encoded is None else encoded

    def _flattened(self, kind: type, value: Any, depth: int) -> Encoded:
        """An honest subclass (IntEnum, defaultdict, a named tuple) as its base sees it; anything else as a reference."""
        if issubclass(kind, tuple) and _is_named(kind):
            names: list[str] = list(getattr(kind, "_fields"))  # noqa: B009  not a tuple's own attribute
            return {"namedtuple": [kind.__name__, names, self.all(tuple.__iter__(value), depth)]}
        for base, flatten in FLATTENED:
            if issubclass(kind, base):
                return self.encode(flatten(value), depth)
        return self._refer(value)


def _is_named(kind: type) -> bool:
    fields = getattr(kind, "_fields", None)
    return type(fields) is tuple and all(type(name) is str for name in fields)


FLATTENED: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (list, lambda value: list(list.__iter__(value))),
    (dict, lambda value: dict(dict.items(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    (int, lambda value: int.__add__(value, 0)),
    (float, lambda value: float.__add__(value, 0.0)),
    (str, lambda value: str.__add__(value, "")),
)
"""Read through the base's own methods: what a student overrode is not asked."""


def _weighed_text(encoder: Encoder, value: bytes | bytearray, _: int) -> str:
    encoder.weigh(len(value))
    return base64.b64encode(value).decode()


def _ends(encoder: Encoder, value: Any, depth: int) -> list[Encoded]:
    return encoder.all((value.start, value.stop, value.step), depth)


Content = Callable[[Encoder, Any, int], Encoded]
ENCODINGS: dict[type, tuple[str, Content]] = {
    tuple: ("tuple", Encoder.all),
    set: ("set", Encoder.all),
    frozenset: ("frozenset", Encoder.all),
    dict: ("dict", lambda e, value, depth: e.pairs(value.items(), depth)),
    Counter: ("Counter", lambda e, value, depth: e.pairs(value.items(), depth)),
    OrderedDict: ("OrderedDict", lambda e, value, depth: e.pairs(value.items(), depth)),
    deque: ("deque", lambda e, value, depth: [e.all(value, depth), value.maxlen]),
    bytes: ("bytes", _weighed_text),
    bytearray: ("bytearray", _weighed_text),
    complex: ("complex", lambda _, value, __: [value.real, value.imag]),
    range: ("range", _ends),
    slice: ("slice", _ends),
    type(...): ("ellipsis", lambda *_: None),
    Decimal: ("decimal", lambda _, value, __: str(value)),
    Fraction: ("fraction", lambda _, value, __: str(value)),
    dt.datetime: ("datetime", lambda _, value, __: value.isoformat()),
    dt.date: ("date", lambda _, value, __: value.isoformat()),
    dt.time: ("time", lambda _, value, __: value.isoformat()),
    dt.timedelta: ("timedelta", lambda _, value, __: [value.days, value.seconds, value.microseconds]),
}


class Decoder:
    """The other direction; `resolve` says what a reference means here. Raises ValueError for what is no encoding."""

    def __init__(self, resolve: Callable[[Any], Any] | None = None) -> None:
        self._resolve = resolve

    def decode(self, data: Encoded, depth: int = 0) -> Any:
        """The value that was encoded."""
        if depth > DEEPEST + 5:
            raise ValueError("nested too deeply")
        if data is None or isinstance(data, bool | int | float | str):
            return data
        if isinstance(data, list):
            return [self.decode(item, depth + 1) for item in data]
        if not isinstance(data, dict) or len(data) != 1:
            raise ValueError("not an encoding")
        ((tag, content),) = data.items()
        try:
            if tag in codec_arrays.TAGS:
                return codec_arrays.decode(self, tag, content, depth + 1)
            if tag == "ref" and self._resolve is not None:
                return self._resolve(content)
            return DECODINGS[tag](self, content, depth + 1)
        except (TypeError, ArithmeticError, AttributeError, LookupError) as error:
            raise ValueError(f"not an encoding of {tag}") from error

    def all(self, items: Any, depth: int) -> list[Any]:
        """Each item of an array."""
        if not isinstance(items, list):
            raise ValueError("not an array")  # noqa: TRY004  the one error this promises
        return [self.decode(item, depth) for item in items]

    def pairs(self, items: Any, depth: int) -> dict[Any, Any]:
        """Keys and values."""
        return {self.decode(key, depth): self.decode(value, depth) for key, value in items}


def _view(decoder: Decoder, content: Any, depth: int) -> Any:
    which, items = content[0], decoder.all(content[1], depth)
    if which == "keys":
        return dict.fromkeys(items).keys()
    return dict(enumerate(items)).values() if which == "values" else dict(items).items()


def _named(decoder: Decoder, content: Any, depth: int) -> Any:
    name, fields, items = content
    return namedtuple(name, fields)(*decoder.all(items, depth))  # noqa: PYI024  made here from data


DECODINGS: dict[str, Callable[[Decoder, Any, int], Any]] = {
    "int": lambda _, content, __: int(content, 16),
    "tuple": lambda d, content, depth: tuple(d.all(content, depth)),
    "set": lambda d, content, depth: set(d.all(content, depth)),
    "frozenset": lambda d, content, depth: frozenset(d.all(content, depth)),
    "dict": Decoder.pairs,
    "Counter": lambda d, content, depth: Counter(d.pairs(content, depth)),
    "OrderedDict": lambda d, content, depth: OrderedDict(d.pairs(content, depth)),
    "deque": lambda d, content, depth: deque(d.all(content[0], depth), content[1]),
    "bytes": lambda _, content, __: base64.b64decode(content),
    "bytearray": lambda _, content, __: bytearray(base64.b64decode(content)),
    "complex": lambda _, content, __: complex(float(content[0]), float(content[1])),
    "range": lambda d, content, depth: range(*d.all(content, depth)),
    "slice": lambda d, content, depth: slice(*d.all(content, depth)),
    "ellipsis": lambda *_: ...,
    "decimal": lambda _, content, __: Decimal(str(content)[:TEXT]),
    "fraction": lambda _, content, __: Fraction(str(content)[:TEXT]),
    "datetime": lambda _, content, __: dt.datetime.fromisoformat(content),
    "date": lambda _, content, __: dt.date.fromisoformat(content),
    "time": lambda _, content, __: dt.time.fromisoformat(content),
    "timedelta": lambda _, content, __: dt.timedelta(*(int(part) for part in content)),
    "view": _view,
    "namedtuple": _named,
}
