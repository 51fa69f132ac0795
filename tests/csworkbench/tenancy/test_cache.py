"""The cache behind rate limits: shared while Redis answers, still counting when it does not."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client

from csworkbench.tenancy.cache import JsonSerializer, SteadyCache

STEADY = "csworkbench.tenancy.cache.SteadyCache"


def dead_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _ask_redis_again() -> Iterator[None]:
    SteadyCache.asked_again_at = 0.0
    yield
    SteadyCache.asked_again_at = 0.0


@pytest.fixture
def without_redis(settings: Any) -> None:
    """A cache whose Redis refuses connections."""
    settings.CACHES = {"default": {"BACKEND": STEADY, "LOCATION": f"redis://127.0.0.1:{dead_port()}/1"}}
    cache.clear()


class TestWithRedis:
    @pytest.fixture
    def steady(self, settings: Any) -> SteadyCache:
        location = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/2"
        settings.CACHES = {"default": {"BACKEND": STEADY, "LOCATION": location, "KEY_PREFIX": "steady"}}
        shared = caches["default"]
        assert isinstance(shared, SteadyCache)
        shared.clear()
        return shared

    def test_values_go_to_redis_and_come_back(self, steady: SteadyCache) -> None:
        steady.set("history", [1.5, 2.5], 60)
        steady.set_many({"a": "y", "b": True})
        assert steady.get("history") == [1.5, 2.5]
        assert steady.get_many(["a", "b"]) == {"a": "y", "b": True}
        assert steady.memory.get("history") is None

    def test_add_counts_once_and_numbers_increase(self, steady: SteadyCache) -> None:
        assert steady.add("code", "y", 60) is True
        assert steady.add("code", "y", 60) is False
        steady.set("n", 1)
        assert steady.incr("n") == 2
        assert steady.touch("n", 60) is True
        assert (steady.delete("n"), steady.has_key("n")) == (True, False)
        steady.delete_many(["code"])
        assert steady.get("code") is None

    def test_nothing_is_pickled(self, steady: SteadyCache) -> None:
        assert JsonSerializer().dumps({"a": 1}) == b'{"a": 1}'
        with pytest.raises(TypeError):
            steady.set("object", object())


class TestWithoutRedis:
    def test_the_memory_of_the_process_takes_over(self, without_redis: None) -> None:
        cache.set("history", [1.5], 60)
        assert cache.get("history") == [1.5]
        assert cache.add("history", [2.5]) is False

    def test_a_dead_server_is_asked_once_per_pause(self, without_redis: None, caplog: pytest.LogCaptureFixture) -> None:
        SteadyCache.asked_again_at = 0.0
        for _ in range(5):
            cache.get("anything")
        assert sum("does not answer" in record.message for record in caplog.records) == 1

    def test_a_hung_server_costs_one_time_out(self, settings: Any) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            location = f"redis://127.0.0.1:{silent.getsockname()[1]}/1"
            options = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}
            settings.CACHES = {"default": {"BACKEND": STEADY, "LOCATION": location, "OPTIONS": options}}
            started = time.monotonic()
            for _ in range(20):
                cache.set("history", [1.5], 60)
            assert cache.get("history") == [1.5]
            assert time.monotonic() - started < 2

    def test_sign_in_answers_and_still_locks_out(self, without_redis: None, db: None) -> None:
        client = Client()
        for _ in range(10):
            answer = client.post("/auth/login/", {"login": "keiko@example.org", "password": "wrong"})
            assert answer.status_code == 200
        locked = client.post("/auth/login/", {"login": "keiko@example.org", "password": "wrong"})
        assert "Too many wrong attempts" in locked.content.decode()
