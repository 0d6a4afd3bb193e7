"""Bytes are whole or not there; a mail is sent, or tried again ever later; requests are turned away early."""

import smtplib
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.utils import timezone

from courses import services, storage
from courses.models import OutgoingMail, StoredFile

pytestmark = pytest.mark.django_db


def path_of(content):
    return Path(default_storage.path(storage.path_of(storage.store(content).sha256)))


def test_a_file_that_was_half_written_is_written_whole_the_next_time():
    path = path_of(b"the whole file")
    path.write_bytes(b"the wh")

    stored = storage.store(b"the whole file")

    assert storage.read(stored) == b"the whole file"


def test_a_disk_that_fills_leaves_no_file_and_no_row(monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("courses.storage.os.fsync", full)

    with pytest.raises(OSError, match="No space left"):
        storage.store(b"never arrives")

    assert not StoredFile.objects.exists()
    assert [p for p in Path(default_storage.path("")).rglob("*") if p.is_file()] == []


def test_storing_again_does_not_touch_the_file():
    path = path_of(b"same")
    before = path.stat().st_mtime_ns

    storage.store(b"same")

    assert path.stat().st_mtime_ns == before


def waiting_mail(**fields):
    return OutgoingMail.objects.create(recipient="a@gradus.example", subject="x", body="y", **fields)


def test_a_mail_that_fails_waits_ever_longer(monkeypatch):
    def refused(*_):
        raise smtplib.SMTPRecipientsRefused({})

    waiting = waiting_mail()
    monkeypatch.setattr(services, "send_mail", refused)
    pauses = []
    for _ in range(12):
        OutgoingMail.objects.update(next_try_at=timezone.now())
        services.send_waiting_mail()
        waiting.refresh_from_db()
        pauses.append(waiting.next_try_at - timezone.now())

    assert waiting.sent_at is None
    assert waiting.attempts == 12
    assert timedelta(seconds=50) < pauses[0] < timedelta(seconds=70)
    assert timedelta(hours=5) < pauses[-1] <= timedelta(hours=6)


def test_a_mail_is_not_tried_before_its_time():
    waiting_mail(next_try_at=timezone.now() + timedelta(minutes=5))

    assert services.send_waiting_mail() == 0


def test_a_mail_with_an_impossible_subject_does_not_stop_the_others():
    waiting_mail()
    OutgoingMail.objects.create(recipient="b@gradus.example", subject="two\nlines", body="")

    assert services.send_waiting_mail() == 1
    assert len(mail.outbox) == 1


def test_a_mail_is_given_up_after_many_days():
    waiting_mail(attempts=services.MAIL_ATTEMPTS)

    assert services.send_waiting_mail() == 0


def test_a_request_far_larger_than_any_notebook_is_turned_away_unread(client):
    answer = client.post("/", data=b"", content_type="text/plain", CONTENT_LENGTH=str(97 * 2**20))

    assert answer.status_code == 413
    assert "a PDF at most 40 MB" in answer.content.decode()


def test_health_answers_whatever_the_host_is_called(client, settings):
    settings.ALLOWED_HOSTS = ["gradus.example"]
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/healthz/", headers={"host": "127.0.0.1:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_storing_the_same_bytes_from_many_threads_leaves_one_whole_file(tmp_path):
    path = tmp_path / "ab" / "cd"
    threads = [threading.Thread(target=storage._write_whole, args=(path, b"x" * 100_000)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert path.read_bytes() == b"x" * 100_000
    assert [p.name for p in path.parent.iterdir()] == ["cd"]
