"""The cache behind rate limits and one-time codes: shared in Redis, and still there when Redis is not."""

from __future__ import annotations

import json
import logging
import time
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)


class JsonSerializer:
    """JSON instead of pickle, so that whoever can write to Redis cannot run code here (T19)."""

    def dumps(self, value: Any) -> bytes | int:
        # A plain integer stays one, so that INCR works on it.
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class SteadyCache(RedisCache):
    """Redis; while it does not answer, the memory of this process.

    Sign-in needs this cache for the lock-out after wrong passwords and against replayed codes. Without Redis
    it must neither answer 500 nor drop its limits: each web process then counts by itself, so a guesser gets at
    most ten tries per process. A dead server is asked again after ``PAUSE`` seconds, so that a hung one costs
    one time-out per pause and not one per call.
    """

    PAUSE = 15.0
    asked_again_at: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {"serializer": JsonSerializer, "retry": Retry(NoBackoff(), 0)} | params.get("OPTIONS", {})
        super().__init__(server, params | {"OPTIONS": options})
        self.memory = LocMemCache("steady", params | {"OPTIONS": {}})

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SteadyCache.asked_again_at:
            try:
                return getattr(super(), method)(*args, **kwargs)
            except (RedisError, OSError) as error:
                SteadyCache.asked_again_at = time.monotonic() + self.PAUSE
                logger.warning("Redis does not answer (%s); rate limits count per process for now", error)
        return getattr(self.memory, method)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get_many", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete_many", *args, **kwargs)

    def clear(self) -> Any:
        return self._ask("clear")
