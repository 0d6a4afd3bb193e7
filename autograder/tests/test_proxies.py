"""Tests on one side, the student's objects on the other: what crosses, what is allowed, what a liar gets."""

import contextlib
import json
import socket
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.kernel.answers import Answers
from autograder.kernel.proxies import ANYTHING, LEANING, Proxy, Remote, SubmissionGone
from autograder.kernel.testing import TestRoom
from autograder.sandbox.frames import receive_frame, send_frame

STUDENT = """
import math
import numpy as np

count = 3
data = {"a": [1, 2]}

def square(x): return x * x
def broken(x): raise ValueError("not " + str(x))
class Odd(KeyError): pass
def odd(): raise Odd("mine")
def leave(): raise SystemExit(3)
def append(items): items.append(9); return items
def fill(array): array[...] = 7
def rename(frame): frame["b"] = frame["a"] * 2
def numbers(n):
    for i in range(n): yield i
def apply(f, *xs): return [f(x) for x in xs]
def make(): return Stack()
def nothing(): pass
class Stack:
    size = 0
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x); self.size += 1; return self
    def pop(self): return self.items.pop()
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i]
    def __setitem__(self, i, x): self.items[i] = x
    def __contains__(self, x): return x in self.items
    def __eq__(self, other): return self.items == other.items
    def __add__(self, other): s = Stack(); s.items = self.items + other.items; return s
    def __str__(self): return "stack"
    def __iter__(self): return iter(self.items)
    def __bool__(self): return bool(self.items)
class Liar:
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __abs__(self): return 0
    def __float__(self): return 4.0
    def __len__(self): return 4
    def __bool__(self): return True
liar = Liar()
def lie(*_): return Liar()
"""


@pytest.fixture
def names():
    space = {"__name__": "__main__"}
    exec(STUDENT, space)  # noqa: S102  our own text
    return space


@pytest.fixture
def remote(names):
    ours, theirs = socket.socketpair()
    answers = Answers(names, theirs)

    def serve():
        while answers.answer():
            pass
        theirs.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    made = Remote(ours)
    made.begin({ANYTHING})
    yield made
    ours.close()
    thread.join(5)


def fetched(remote, name):
    return remote.decode(remote.ask("get", [name])[name])


def test_data_comes_as_copies(remote, names):
    got = fetched(remote, "data")
    got["a"].append(3)

    assert names["data"] == {"a": [1, 2]}
    assert fetched(remote, "count") == 3


def test_names_that_are_not_there_are_left_out(remote):
    assert remote.ask("get", ["count", "nowhere"]) == {"count": 3}


def test_functions_are_called_on_the_other_side(remote):
    square = fetched(remote, "square")

    assert square(4) == 16
    assert square(x=np.float64(1.5)) == 2.25
    assert square(np.arange(3)).tolist() == [0, 1, 4]
    assert square.__name__ == "square"


def test_exceptions_come_as_the_nearest_builtin_with_their_text(remote):
    with pytest.raises(ValueError, match="not 4"):
        fetched(remote, "broken")(4)
    with pytest.raises(KeyError, match="Odd: 'mine'"):
        fetched(remote, "odd")()


def test_the_end_of_the_program_is_no_way_out(remote):
    with pytest.raises(Exception, match="3"):
        fetched(remote, "leave")()


def test_changed_arguments_come_back(remote):
    items, array, frame = [1], np.zeros(2), pd.DataFrame({"a": [1, 2]})

    assert fetched(remote, "append")(items) == [1, 9]
    fetched(remote, "fill")(array)
    fetched(remote, "rename")(frame)

    assert items == [1, 9]
    assert array.tolist() == [7, 7]
    assert frame.b.tolist() == [2, 4]


def test_iterators_can_be_gone_through(remote):
    numbers = fetched(remote, "numbers")

    assert list(numbers(3)) == [0, 1, 2]
    assert sum(numbers(4)) == 6
    assert 2 in numbers(3)
    assert next(numbers(1)) == 0


def test_functions_of_the_tests_are_called_back(remote):
    assert fetched(remote, "apply")(lambda x: x + 1, 1, 2) == [2, 3]
    assert fetched(remote, "apply")(fetched(remote, "square"), 3) == [9]
    assert fetched(remote, "apply")(np.sqrt, 4.0) == [2.0]

    with pytest.raises(ZeroDivisionError):
        fetched(remote, "apply")(lambda x: x / 0, 1)


def test_objects_behave_as_on_the_other_side(remote):
    stack = fetched(remote, "Stack")()
    stack.push(1).push("two")

    assert (len(stack), stack[0], "two" in stack, list(stack), str(stack)) == (2, 1, True, [1, "two"], "stack")
    assert stack.size == 2
    stack[0] = 5
    stack.size = 7
    assert (stack[0], stack.size, stack.pop()) == (5, 7, "two")
    assert stack == fetched(remote, "make")().push(5)
    assert list(stack + stack) == [5, 5]
    with pytest.raises(AttributeError, match="nope"):
        stack.nope()


def test_what_was_used_is_noted(remote):
    remote.begin({ANYTHING})
    stack = fetched(remote, "make")()
    len(stack.push(1))

    assert remote.used == {"object", "getattr", "len"}


def test_comparing_an_object_with_a_value_is_noted_as_leaning_on_it(remote):
    remote.begin({ANYTHING})

    assert fetched(remote, "liar") == 4
    assert remote.used & LEANING


@pytest.mark.parametrize(
    "use",
    [
        lambda lie: abs(lie() - 4) < 1e-6,
        lambda lie: 4 - lie() == 0,
        lambda lie: float(lie()) == 4.0,
        lambda lie: len(lie()) == 4,
        lambda lie: bool(lie()),
        lambda lie: np.allclose(lie(), 4),
        lambda lie: lie().anything,
        lambda lie: lie() == 4,
    ],
)
def test_an_object_where_the_reference_gave_data_fails_the_test(remote, use):
    remote.begin(set())

    with pytest.raises(SubmissionGone):
        use(fetched(remote, "lie"))
    assert remote.broken


def test_an_object_never_equals_a_value_by_its_own_word(remote):
    remote.begin({"object", "getattr"})
    lie = fetched(remote, "lie")()

    assert (lie == 4) is False
    assert (lie != 4) is True
    with pytest.raises(SubmissionGone):
        lie - 4


def test_a_swallowed_refusal_still_breaks_the_test(remote):
    remote.begin(set())
    with contextlib.suppress(BaseException):  # what a test may do
        fetched(remote, "lie")()

    assert "cannot be used" in remote.broken


def test_a_proxy_is_no_key(remote):
    with pytest.raises(TypeError, match="unhashable"):
        {fetched(remote, "make")(): 1}


ANSWERS = [
    ["answer"], ["answer", {"ref": ["x", "object", ""]}], ["answer", {"array": 1}], ["raised"], ["raised", 3, "x"],
    ["callback", 7, [], {}], ["callback"], ["what"], ["answer", {"ref": [1, "root", ""]}], ["refused", "a thing"],
    ["answer", {"result": 1}], ["answer", {"result": 1, "positional": 3, "named": {}}],
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_nonsense_from_the_other_side_breaks_the_test_and_nothing_else(answer):
    ours, theirs = socket.socketpair()

    def serve():
        with theirs:
            receive_frame(theirs, limit=1 << 20)
            send_frame(theirs, answer)

    with ours:
        threading.Thread(target=serve, daemon=True).start()
        remote = Remote(ours)
        function = Proxy(remote, 1, "f")

        try:
            value = function(1)
        except (SubmissionGone, Exception) as broken:  # noqa: BLE001  its type is looked at
            value = broken
        assert type(value) in (
            Proxy,
            SubmissionGone,
            Exception,
        )  # a reference is an answer; what was raised has no better name


def test_a_side_that_is_gone_breaks_the_test():
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        remote = Remote(ours)

        with pytest.raises(SubmissionGone):
            remote.ask("get", ["x"])
    assert remote.broken


def test_the_tests_room_binds_what_it_was_told(remote):
    space: dict[str, Any] = {"own": [1], "data": {"a": [1, 2]}, "count": 4}
    room = TestRoom(space, remote)
    setting = {
        "allowed": [ANYTHING],
        "imports": {"m": ["math", ""], "root": ["math", "sqrt"], "gone": ["no_such_module", ""]},
        "wanted": ["square", "nowhere"],
        "given": ["data", "count", "own"],
    }

    space["nowhere"] = "of an earlier test"
    room.prepare(setting)

    assert space["m"].pi == pytest.approx(3.14159, abs=1e-4)
    assert (space["root"](9), space["square"](3)) == (3.0, 9)
    assert "gone" not in space
    assert "nowhere" not in space
    assert room.finish(setting)["differing"] == ["count"]
    assert "square" not in space


def test_what_the_tests_know_never_crosses(remote, monkeypatch):
    """Only arguments go over: not the test's text, not what it expects."""
    sent = []

    def overheard(link, frame):
        sent.append(frame)
        send_frame(link, frame)

    monkeypatch.setattr("autograder.kernel.proxies.send_frame", overheard)
    expected = "the-secret-expectation"

    assert fetched(remote, "square")(3) != expected

    assert expected not in json.dumps(sent)
    assert [frame[0] for frame in sent] == ["get", "call"]
