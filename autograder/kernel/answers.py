"""The student's side of a split: answers what the tests ask about the notebook's names, by data and references.

Nothing here decides a score. Student code may break all of it; then the tests hear nothing, or nonsense, and fail.
"""

import builtins
import json
import operator
import socket
import sys
import types
from collections.abc import Callable
from typing import Any

from autograder.kernel.codec import Decoder, Encoded, Encoder
from autograder.kernel.refusal import Refused
from autograder.sandbox.frames import receive_frame, send_frame

MESSAGE_LIMIT = 96 << 20
TEXT = 500
CHANGEABLE = ("list", "dict", "set", "array", "objects", "series", "frame", "tensor", "bytearray", "deque", "Counter")
UNARY: dict[str, Callable[[Any], Any]] = {
    "len": len, "iter": iter, "next": next, "str": str, "repr": repr, "bool": bool, "hash": hash, "int": int,
    "float": float, "index": operator.index, "abs": abs, "neg": operator.neg, "dir": dir,
}  # fmt: skip
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv,
    "floordiv": operator.floordiv, "mod": operator.mod, "pow": operator.pow, "matmul": operator.matmul,
    "and": operator.and_, "or": operator.or_, "xor": operator.xor, "getitem": operator.getitem,
    "contains": operator.contains,
}  # fmt: skip
ITERATORS = (types.GeneratorType, map, filter, zip, enumerate, reversed)


class Answers:
    """What the tests may ask of one namespace. References live as long as the notebook."""

    def __init__(self, names: dict[str, Any], link: socket.socket) -> None:
        self._names = names
        self._link = link
        self._held: dict[int, Any] = {}

    def answer(self) -> bool:
        """Read one question and answer it; False at the end of the link."""
        question = receive_frame(self._link, limit=MESSAGE_LIMIT)
        if question is None:
            return False
        try:
            frame = ["answer", self._ask(str(question[0]), *question[1:])]
        except Refused as refusal:
            frame = ["refused", str(refusal)]
        except BaseException as error:  # noqa: BLE001  what the student's code raises is the answer
            names = _names_of(type(error))
            frame = ["raised", names, _text_of(error, names)]
        send_frame(self._link, frame)
        return True

    def _ask(self, kind: str, *content: Any) -> Any:
        asked: dict[str, Callable[..., Any]] = {
            "get": self._get, "call": self._call, "getattr": self._getattr, "setattr": self._setattr,
            "operate": self._operate,
        }  # fmt: skip
        return asked[kind](*content)

    def _get(self, names: list[str]) -> dict[str, Encoded]:
        return {name: self._encode_name(name) for name in names if name in self._names}

    def _getattr(self, target: int, name: str) -> Encoded:
        return self._encode(getattr(self._held[target], name))

    def _setattr(self, target: int, name: str, value: Encoded) -> None:
        setattr(self._held[target], name, Decoder(self._resolve).decode(value))

    def _operate(self, target: int, name: str, *others: Encoded) -> Encoded:
        """`others`: key and value for setitem; the other operand, and whether it stands on the left, for two."""
        found = self._held[target]
        values = [Decoder(self._resolve).decode(other) for other in others]
        if name == "setitem":
            return operator.setitem(found, *values)
        if name not in BINARY:
            return self._encode(UNARY[name](found))
        left, right = (values[0], found) if values[1] else (found, values[0])
        return self._encode(BINARY[name](left, right))

    def _call(self, target: int, positional: list[Encoded], named: dict[str, Encoded]) -> dict[str, Any]:
        """The result, and those arguments that the call changed."""
        decoder = Decoder(self._resolve)
        args = [decoder.decode(value) for value in positional]
        kwargs = {name: decoder.decode(value) for name, value in named.items()}
        result = self._encode(self._held[target](*args, **kwargs))
        return {
            "result": result,
            "positional": [self._change(a, before) for a, before in zip(args, positional, strict=True)],
            "named": {name: self._change(value, named[name]) for name, value in kwargs.items()},
        }

    def _change(self, value: Any, before: Encoded) -> Encoded | None:
        """The new encoding in a list of one, or None if nothing changed."""
        if not isinstance(before, list) and not (isinstance(before, dict) and next(iter(before)) in CHANGEABLE):
            return None
        after = self._encode(value)
        return None if json.dumps(after) == json.dumps(before) else [after]

    def _encode_name(self, name: str) -> Encoded:
        try:
            return self._encode(self._names[name])
        except Refused as refusal:
            return {"refused": str(refusal)}

    def _encode(self, value: Any) -> Encoded:
        return Encoder(self._refer).encode(value)

    def _refer(self, value: Any) -> Encoded:
        """A name for what has no data form. Modules say which they are; the tests use their own."""
        self._held[id(value)] = value
        if isinstance(value, types.ModuleType):
            return {"ref": [id(value), "module", value.__name__]}
        kind = "iterator" if isinstance(value, ITERATORS) else "function" if _is_function(value) else "object"
        return {"ref": [id(value), kind, str(getattr(value, "__name__", type(value).__name__))]}

    def _resolve(self, reference: list[Any]) -> Any:
        """What a reference from the tests means here: an object of ours, or a function of theirs."""
        if reference[1] == "callback":
            return self._callback(reference[0])
        if reference[1] == "library":
            return library_object(*reference[2].split(":"))
        return self._held[reference[0]]

    def _callback(self, number: int) -> Callable[..., Any]:
        """A function of the tests, as the student's code sees it: it can be called and nothing else."""

        def given_function(*args: Any, **kwargs: Any) -> Any:
            named = {name: self._encode(value) for name, value in kwargs.items()}
            send_frame(self._link, ["callback", number, [self._encode(value) for value in args], named])
            while True:
                frame = receive_frame(self._link, limit=MESSAGE_LIMIT)
                if frame is None:
                    raise EOFError("the tests ended")
                if frame[0] == "returned":
                    return Decoder(self._resolve).decode(frame[1])
                if frame[0] == "failed":
                    raise getattr(builtins, frame[1], Exception)(frame[2])

        return given_function


def _is_function(value: Any) -> bool:
    return isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType | type) or (
        callable(value) and type(value).__module__ in ("functools", "numpy")
    )


def _names_of(kind: type) -> list[str]:
    return [str(base.__name__) for base in type.mro(kind) if base.__module__ == "builtins"]


def _text_of(error: BaseException, names: list[str]) -> str:
    """Its text; with its own name before it if the tests will see it as another class."""
    try:
        name, text = type(error).__name__, str(error)
    except BaseException:  # noqa: BLE001  an exception whose text raises
        return ""
    return (text if name in names else f"{name}: {text}")[:TEXT]


def library_object(module: str, name: str) -> Any:
    """What `name` is in a module that this process has imported; None if there is no such thing."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
