"""The wire between a notebook's process and its supervisor: nothing that comes over it can break the trusted side."""

import json
import socket
import struct
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.kernel.pipe import PipeStream
from autograder.report import Verdict
from autograder.sandbox.frames import FrameTooLarge, receive_frame, send_frame
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import Sandbox, Stopped

LIMITS = Limits(wall=5, cell=2, output=4000, messages=50)


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@given(st.lists(st.none() | st.integers() | st.text(max_size=20) | st.dictionaries(st.text(max_size=5), st.integers())))
def test_frames_come_back_as_they_were_sent(content):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_frame(theirs, ["kind", *content])

        assert receive_frame(ours, limit=1 << 20) == ["kind", *content]


def test_what_is_no_json_is_sent_as_its_text(pair):
    send_frame(pair[1], ["kind", {1, 2}])

    assert receive_frame(pair[0], limit=1000) == ["kind", "{1, 2}"]


def test_the_end_is_none(pair):
    pair[1].close()

    assert receive_frame(pair[0], limit=1000) is None


def test_half_a_frame_is_the_end(pair):
    pair[1].send(struct.pack("<I", 100) + b"half")
    pair[1].close()

    assert receive_frame(pair[0], limit=1000) is None


def test_an_announced_flood_is_never_read(pair):
    pair[1].send(struct.pack("<I", 2**32 - 1))

    with pytest.raises(FrameTooLarge):
        receive_frame(pair[0], limit=1000)


@pytest.mark.parametrize("body", [b"no json", b"{}", b"[]", b"7", b"[7]", b"null", b'[["x"]]', b"\xff\xfe"])
def test_what_is_no_frame_is_a_value_error(pair, body):
    pair[1].send(struct.pack("<I", len(body)) + body)

    with pytest.raises(ValueError, match=r"not a frame|Expecting|decode|Extra"):
        receive_frame(pair[0], limit=1000)


def running(pair, *frames, close=False, limits=LIMITS):
    """The result of one cell whose kernel answers with these frames."""
    ours, theirs = pair

    def kernel():
        assert receive_frame(theirs, limit=1000)[0] == "run"
        for frame in frames:
            send_frame(theirs, frame)
        if close:
            theirs.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=kernel)
    thread.start()
    try:
        return Sandbox(ours, limits).run_cell("code")
    finally:
        thread.join()


def message(kind, **content):
    return ["msg", kind, content]


OK = ["reply", {"status": "ok"}]
ERROR = ["reply", {"status": "error", "ename": "E", "evalue": "why", "traceback": ["line"]}]


def test_neighbouring_pieces_of_a_stream_become_one(pair):
    first, second = message("stream", name="stdout", text="a"), message("stream", name="stdout", text="b")

    assert running(pair, first, second, OK).outputs == [{"output_type": "stream", "name": "stdout", "text": "ab"}]


def test_other_streams_stay_apart(pair):
    frames = [message("stream", name=name, text=name) for name in ("stdout", "stderr", "stdout")]

    assert [o["text"] for o in running(pair, *frames, OK).outputs] == ["stdout", "stderr", "stdout"]


def test_an_error_reply_without_its_output_gets_one(pair):
    result = running(pair, ERROR)

    assert result.raised == "E"
    assert result.outputs == [{"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["line"]}]


def test_an_error_is_not_told_twice(pair):
    result = running(pair, message("error", ename="E", evalue="why", traceback=[]), ERROR)

    assert len(result.outputs) == 1


def test_clear_output_forgets_what_was_printed(pair):
    frames = [message("stream", name="stdout", text="old"), message("clear_output", wait=False)]

    assert running(pair, *frames, OK).outputs == []


def test_a_display_is_updated_in_place(pair):
    shown = message("display_data", data={"text/plain": "old"}, metadata={}, transient={"display_id": "d"})
    newer = message("update_display_data", data={"text/plain": "new"}, metadata={}, transient={"display_id": "d"})

    assert running(pair, shown, newer, OK).outputs[0]["data"] == {"text/plain": "new"}


def test_an_update_of_an_unknown_display_changes_nothing(pair):
    shown = message("display_data", data={"text/plain": "old"}, metadata={}, transient={})
    newer = message("update_display_data", data={"text/plain": "new"}, metadata={}, transient={})

    assert running(pair, shown, newer, OK).outputs[0]["data"] == {"text/plain": "old"}


@pytest.mark.parametrize(
    "odd",
    [
        ["msg"],
        ["msg", "stream"],
        ["msg", "stream", "no dictionary"],
        ["msg", "unknown", {}],
        ["msg", "execute_result", {"data": "no dictionary"}],
        ["greetings", 1, 2, 3],
    ],
)
def test_odd_frames_are_passed_over(pair, odd):
    assert running(pair, odd, OK).outputs == []


@pytest.mark.parametrize("reply", [["reply"], ["reply", None], ["reply", []], ["reply", {}], ["reply", {"status": 7}]])
def test_odd_replies_end_the_cell_without_an_error(pair, reply):
    assert running(pair, reply).raised == ""


def test_a_kernel_that_ends_is_a_crash(pair):
    with pytest.raises(Stopped) as stop:
        running(pair, message("stream", name="stdout", text="last words"), close=True)

    assert stop.value.verdict is Verdict.CRASHED


def test_too_many_bytes_are_too_much_output(pair):
    flood = [message("stream", name="stdout", text="x" * 900) for _ in range(6)]

    with pytest.raises(Stopped) as stop:
        running(pair, *flood, OK)

    assert stop.value.verdict is Verdict.TOO_MUCH_OUTPUT


def test_too_many_messages_are_too_much_output(pair):
    flood = [message("stream", name="stdout", text="x") for _ in range(60)]

    with pytest.raises(Stopped) as stop:
        running(pair, *flood, OK)

    assert stop.value.verdict is Verdict.TOO_MUCH_OUTPUT
    assert "50 messages" in stop.value.message


def test_silence_is_a_time_out(pair):
    with pytest.raises(Stopped) as stop:
        running(pair, limits=Limits(cell=0.1, wall=5))

    assert stop.value.verdict is Verdict.TIMED_OUT
    assert stop.value.message == "This cell ran longer than 0.1 seconds and was stopped."


def test_a_sender_who_drips_bytes_gains_no_time(pair):
    ours, theirs = pair
    done = threading.Event()

    def drip():
        theirs.send(struct.pack("<I", 1000))
        while not done.wait(0.05):
            theirs.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            receive_frame(ours, limit=4000, ends=began + 0.4)
    finally:
        done.set()
        thread.join()

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("frame", [["broken", "OSError: disk"], ["broken"]])
def test_a_kernel_that_says_it_broke_is_a_crash_of_the_notebook(pair, frame):
    """Once it was ready, only student code can bring this about; it must not be taken for our failure."""
    with pytest.raises(Stopped) as stop:
        running(pair, frame)

    assert stop.value.verdict is Verdict.CRASHED


def test_a_frame_nested_too_deeply_is_a_crash(pair):
    ours, theirs = pair
    body = b"[" * 100_000
    theirs.send(struct.pack("<I", len(body)))
    threading.Thread(target=theirs.sendall, args=(body,)).start()

    with pytest.raises(ValueError, match="nested too deeply"):
        receive_frame(ours, limit=200_000)


@pytest.mark.parametrize("transient", ["text", 7, None, []])
def test_an_odd_display_id_changes_nothing(pair, transient):
    shown = message("display_data", data={"text/plain": "old"}, metadata={}, transient=transient)
    newer = message("update_display_data", data={"text/plain": "new"}, metadata={}, transient=transient)

    assert running(pair, shown, newer, OK).outputs[0]["data"] == {"text/plain": "old"}


def test_threads_that_print_write_whole_pieces():
    told = []
    stream = PipeStream("stdout", lambda _kind, content: told.append(content["text"]), 1)
    threads = [threading.Thread(target=lambda: [stream.write("x" * 100 + "\n") for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stream.flush()

    assert "".join(told) == ("x" * 100 + "\n") * 2000


def test_limits_travel_as_json():
    assert Limits(**json.loads(json.dumps(LIMITS.as_json()))) == LIMITS


@pytest.fixture
def stream():
    told = []
    made = PipeStream("stdout", lambda kind, content: told.append((kind, content)), 1)
    return made, told


def test_a_stream_tells_what_was_written_when_flushed(stream):
    made, told = stream
    made.write("a")
    made.write("b")
    assert told == []

    made.flush()
    made.flush()

    assert told == [("stream", {"name": "stdout", "text": "ab"})]


def test_a_stream_flushes_itself_when_full(stream):
    made, told = stream

    made.write("x" * 9000)

    assert told[0][1]["text"] == "x" * 9000


def test_a_stream_behaves_like_standard_output(stream):
    made, _ = stream

    assert (made.name, made.encoding, made.writable(), made.isatty(), made.fileno()) == (
        "<stdout>",
        "utf-8",
        True,
        False,
        1,
    )
    with pytest.raises(TypeError, match="must be str"):
        made.write(b"bytes")
    made.close()
    with pytest.raises(ValueError, match="closed file"):
        made.write("late")
