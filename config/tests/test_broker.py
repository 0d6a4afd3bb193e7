"""The broker made of files: no half message is read, none is taken twice, none is lost."""

import json
import multiprocessing
import time
from pathlib import Path
from queue import Empty

import pytest
from celery import Celery
from kombu import Connection

from config.broker import register_transport

register_transport()
QUEUE = "grading"
WRITERS, READERS, EACH = 3, 3, 60


def options(folder):
    made = {}
    for name, key in (
        ("messages", "data_folder_in"),
        ("messages", "data_folder_out"),
        ("taken", "processed_folder"),
        ("control", "control_folder"),
    ):
        Path(folder, name).mkdir(exist_ok=True)
        made[key] = str(Path(folder, name))
    return made


def connected(folder):
    return Connection("atomicfs://localhost//", transport_options=options(folder))


@pytest.fixture
def channel(tmp_path):
    with connected(tmp_path) as connection:
        yield connection.channel()


def files(folder):
    return sorted(path.name for path in Path(folder, "messages").iterdir())


def test_messages_come_back_in_their_order(channel):
    for number in range(5):
        channel._put(QUEUE, {"number": number})

    assert [channel._get(QUEUE)["number"] for _ in range(5)] == [0, 1, 2, 3, 4]


def test_an_empty_queue_says_so(channel):
    with pytest.raises(Empty):
        channel._get(QUEUE)


def test_queues_do_not_see_each_other(channel):
    channel._put("gpu", {"number": 1})

    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert channel._get("gpu") == {"number": 1}


def test_a_queue_whose_name_ends_like_another_is_another(channel):
    channel._put("my.grading", {"number": 1})

    with pytest.raises(Empty):
        channel._get("rading")


def test_a_half_written_message_is_never_read(channel, tmp_path):
    Path(tmp_path, "messages", f"0_x.{QUEUE}.msg.part").write_text('{"number"')

    with pytest.raises(Empty):
        channel._get(QUEUE)


def test_a_taken_message_leaves_nothing_behind(channel, tmp_path):
    channel._put(QUEUE, {"number": 1})
    channel._get(QUEUE)

    assert files(tmp_path) == []
    assert list(Path(tmp_path, "taken").iterdir()) == []


def test_size_and_purge_count_waiting_messages(channel):
    for number in range(3):
        channel._put(QUEUE, {"number": number})

    assert channel._size(QUEUE) == 3
    assert channel._purge(QUEUE) == 3
    assert channel._size(QUEUE) == 0


def test_a_message_somebody_else_took_is_passed_over(channel, tmp_path, monkeypatch):
    channel._put(QUEUE, {"number": 1})
    channel._put(QUEUE, {"number": 2})
    first = channel._waiting(QUEUE)[0]
    listed = channel._waiting(QUEUE)
    Path(tmp_path, "messages", first).unlink()
    monkeypatch.setattr(channel, "_waiting", lambda _queue: listed)

    assert channel._get(QUEUE) == {"number": 2}


def test_a_folder_that_is_gone_is_an_empty_queue(channel, tmp_path):
    Path(tmp_path, "messages").rmdir()

    assert channel._size(QUEUE) == 0


def write(folder, writer):
    with connected(folder) as connection:
        channel = connection.channel()
        for number in range(EACH):
            channel._put(QUEUE, {"number": writer * EACH + number, "padding": "x" * 5000})


def read(folder, found, count):
    """Take messages until all readers together have them all."""
    ends = time.monotonic() + 60
    with connected(folder) as connection:
        channel = connection.channel()
        while count.value < WRITERS * EACH and time.monotonic() < ends:
            try:
                found.put(channel._get(QUEUE)["number"])
            except Empty:
                time.sleep(0.005)
            else:
                with count.get_lock():
                    count.value += 1


def test_many_writers_and_readers_deliver_each_message_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    found, count = context.Queue(), context.Value("i", 0)
    options(tmp_path)
    people = [context.Process(target=write, args=(tmp_path, n)) for n in range(WRITERS)]
    people += [context.Process(target=read, args=(tmp_path, found, count)) for _ in range(READERS)]

    for person in people:
        person.start()
    numbers = sorted(found.get(timeout=90) for _ in range(WRITERS * EACH))
    for person in people:
        person.join(timeout=90)

    assert numbers == list(range(WRITERS * EACH))
    assert found.empty()
    assert files(tmp_path) == []


def test_celery_sends_through_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)  # Celery itself would prefer it
    app = Celery("probe", broker="atomicfs://localhost//", set_as_current=False)
    app.conf.update(broker_transport_options=options(tmp_path), task_default_queue=QUEUE)

    app.send_task("grading.autograde", kwargs={"run_id": 7})

    (name,) = files(tmp_path)
    message = json.loads(Path(tmp_path, "messages", name).read_text())
    assert message["headers"]["task"] == "grading.autograde"
