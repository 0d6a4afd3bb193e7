"""The tests' side of a split: the student's functions and objects as proxies, values as copies.

What a test may do with a proxy was settled when the instructor's notebook was checked: on the reference solution. A
submission that answers with anything else fails the test, whatever the test itself would make of it.
"""

import builtins
import socket
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from autograder.kernel.answers import BINARY, MESSAGE_LIMIT, UNARY, library_object
from autograder.kernel.codec import Decoder, Encoded, Encoder
from autograder.kernel.refusal import Refused
from autograder.sandbox.frames import FrameTooLarge, receive_frame, send_frame

ANYTHING = "anything"
COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})
WITH_A_VALUE = " with a value"
LEANING = frozenset(name + WITH_A_VALUE for name in COMPARISONS)
"""Operations in which an object of the student's says by itself whether it equals a value."""


class SubmissionGone(BaseException):
    """The student's side stopped answering or answered nonsense. No test can catch it by accident."""


class Remote:
    """The link to the student's side, and what may come over it during the current test."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._callbacks: list[Callable[..., Any]] = []
        self.allowed: set[str] = {ANYTHING}
        self.used: set[str] = set()
        self.broken = ""

    def begin(self, allowed: set[str]) -> None:
        """A new test starts; `allowed` are the operations that the reference needed, or ANYTHING."""
        self.allowed, self.used, self.broken = allowed, set(), ""
        self._callbacks.clear()

    def permit(self, operation: str) -> None:
        """Note the operation; a submission that needs one which the reference did not need fails the test."""
        self.used.add(operation)
        if ANYTHING not in self.allowed and operation not in self.allowed:
            self.fail(f"The submission's value cannot be used like this here ({operation}).")

    def fail(self, why: str) -> NoReturn:
        self.broken = self.broken or why
        raise SubmissionGone(why)

    def ask(self, kind: str, *content: Any) -> Any:
        """The answer; raises what the student's code raised, as the nearest built-in exception."""
        said, *answer = self._converse([kind, *content])
        if said == "answer" and len(answer) == 1:
            return answer[0]
        if said == "raised" and len(answer) == 2:  # noqa: PLR2004  the names of its class, its text
            raise _nearest(answer[0])(str(answer[1]))
        if said == "refused":
            self.fail(f"The submission gave {answer}, which these tests cannot look into.")
        return self.fail("The submission gave no proper answer.")

    def _converse(self, question: list[Any]) -> list[Any]:
        """Send, call back as often as the other side asks for it, and return its answer."""
        try:
            send_frame(self._link, question)
            while frame := receive_frame(self._link, limit=MESSAGE_LIMIT):
                if frame[0] != "callback":
                    return frame
                self._call_back(*frame[1:])
        except (OSError, ValueError, TypeError, FrameTooLarge):
            self.fail("The submission gave no proper answer.")
        return self.fail("The notebook's process ended while the test ran.")

    def encode(self, value: Any) -> Encoded:
        return Encoder(self._refer).encode(value)

    def decode(self, data: Encoded) -> Any:
        try:
            return Decoder(self._resolve).decode(data)
        except (ValueError, TypeError, RecursionError):
            return self.fail("The submission gave a value that cannot be read.")

    def _refer(self, value: Any) -> Encoded:
        """Proxies go back as what they stand for; functions of the tests as callbacks."""
        if isinstance(value, Proxy):
            return {"ref": [object.__getattribute__(value, "_number"), "object", ""]}
        if callable(value) and not isinstance(value, type):
            self._callbacks.append(value)
            return {"ref": [len(self._callbacks) - 1, "callback", ""]}
        if isinstance(value, type) and library_object(value.__module__, value.__qualname__) is value:
            return {"ref": [0, "library", f"{value.__module__}:{value.__qualname__}"]}
        raise Refused(f"a value of type {type(value).__name__}")

    def _resolve(self, reference: Any) -> Any:
        number, kind, name = reference
        if type(number) is not int or kind not in ("function", "iterator", "object", "module"):
            raise ValueError("not a reference")
        if kind == "object":
            self.permit("object")
        elif kind == "module":
            self.permit(f"module {str(name)[:100]}")
        return Proxy(self, number, str(name)[:100], is_iterator=kind == "iterator")

    def _call_back(self, number: Any, args: Any, named: Any) -> None:
        try:
            found = self._callbacks[number]
            value = found(*[self.decode(a) for a in args], **{str(n): self.decode(v) for n, v in named.items()})
            frame = ["returned", self.encode(value)]
        except Exception as error:  # noqa: BLE001  the test's own function raised into the student's code
            frame = ["failed", _nearest([c.__name__ for c in type(error).__mro__]).__name__, str(error)]
        send_frame(self._link, frame)


def _nearest(names: Any) -> type[Exception]:
    """The most special built-in exception of these names."""
    for name in names if isinstance(names, list) else ():
        found = getattr(builtins, name, None) if isinstance(name, str) else None
        if isinstance(found, type) and issubclass(found, Exception) and not issubclass(found, UnicodeError):
            return found
    return Exception


class Proxy:
    """One object of the student's. Attributes, calls and operators are asked of the other side."""

    __slots__ = ("_is_iterator", "_name", "_number", "_remote")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, remote: Remote, number: int, name: str, *, is_iterator: bool = False) -> None:
        object.__setattr__(self, "_remote", remote)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_is_iterator", is_iterator)

    def __getattr__(self, name: str) -> Any:
        remote, number = _behind(self)
        if name == "__name__":
            return object.__getattribute__(self, "_name")
        if name.startswith("__") and name not in ("__doc__", "__dict__"):
            raise AttributeError(name)
        remote.permit("getattr")
        return remote.decode(remote.ask("getattr", number, name))

    def __setattr__(self, name: str, value: Any) -> None:
        remote, number = _behind(self)
        remote.permit("setattr")
        remote.ask("setattr", number, name, remote.encode(value))

    def __setitem__(self, key: Any, value: Any) -> None:
        remote, number = _behind(self)
        remote.permit("setitem")
        remote.ask("operate", number, "setitem", remote.encode(key), remote.encode(value))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        remote, number = _behind(self)
        positional = [remote.encode(value) for value in args]
        named = {name: remote.encode(value) for name, value in kwargs.items()}
        answer = remote.ask("call", number, positional, named)
        try:
            changes = [*zip(args, answer["positional"], strict=True)]
            changes += [(kwargs[name], change) for name, change in answer["named"].items()]
            result = answer["result"]
        except (TypeError, KeyError, ValueError, AttributeError):
            remote.fail("The submission gave no proper answer.")
        for value, change in changes:
            if change is not None:
                put_into(value, remote.decode(change[0]))
        return remote.decode(result)

    def __iter__(self) -> Iterator[Any]:
        remote, number = _behind(self)
        iterator = remote.decode(remote.ask("operate", number, "iter"))
        if not isinstance(iterator, Proxy):
            yield from iterator
            return
        while True:
            try:
                yield next(iterator)
            except StopIteration:
                return

    def __contains__(self, wanted: Any) -> bool:
        if object.__getattribute__(self, "_is_iterator"):
            return any(item is wanted or item == wanted for item in self)
        return bool(_operate(self, "contains", wanted))

    def __next__(self) -> Any:
        return _operate(self, "next", free=True)


def _behind(proxy: Proxy) -> tuple[Remote, int]:
    return object.__getattribute__(proxy, "_remote"), object.__getattribute__(proxy, "_number")


def _operate(proxy: Proxy, name: str, *others: Any, free: bool = False, swapped: bool = False) -> Any:
    remote, number = _behind(proxy)
    if name in COMPARISONS and others:
        name_of_it = name if isinstance(others[0], Proxy) else name + WITH_A_VALUE
        if name in ("eq", "ne") and ANYTHING not in remote.allowed and name_of_it not in remote.allowed:
            return name == "ne"  # the reference gave a value here: nothing of the student's equals it by its own word
        remote.permit(name_of_it)
    elif not free:
        remote.permit(name)
    encoded = [remote.encode(other) for other in others]
    return remote.decode(remote.ask("operate", number, name, *encoded, *([swapped] if others else [])))


def _add_operators() -> None:
    for name in set(BINARY) - {"contains"}:
        setattr(Proxy, f"__{name}__", lambda self, other, name=name: _operate(self, name, other))
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"):
        setattr(Proxy, f"__r{name}__", lambda self, other, name=name: _operate(self, name, other, swapped=True))
    for name in set(UNARY) - {"iter", "next", "hash"}:
        setattr(Proxy, f"__{name}__", lambda self, name=name: _operate(self, name))


_add_operators()


def put_into(old: Any, new: Any) -> None:
    """A changed argument: the caller's own object takes the new content, as after a call in one process."""
    kind = type(old).__name__
    if isinstance(old, list | bytearray):
        old[:] = new
    elif isinstance(old, dict | set):
        old.clear()
        old.update(new)
    elif kind == "deque":
        old.clear()
        old.extend(new)
    elif kind == "ndarray":
        if old.shape != new.shape:
            old.resize(new.shape, refcheck=False)
        old[...] = new
    elif kind in ("DataFrame", "Series"):
        old._update_inplace(new)  # noqa: SLF001  pandas' own way to replace the content of a frame
    elif hasattr(old, "detach"):
        old.detach().copy_(new.detach())
