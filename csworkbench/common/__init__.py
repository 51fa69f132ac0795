"""The ground: clock, database roles, enqueueing, rendering — nothing here knows the product."""

from .queueing import enqueue

__all__ = ["enqueue"]
