"""Facts about accounts, each declared once: key, kind, SQL expression and wording (architecture §4).

Import ``registry`` functions from here; importing the package registers the facts of this floor.
"""

from . import catalogue, figures, growth, health, plans, questionnaires, renewals  # noqa: F401  (register)
from .registry import Fact, FactContext, Kind, all_facts, context_for, get_fact, register, register_family

__all__ = [
    "Fact",
    "FactContext",
    "Kind",
    "all_facts",
    "context_for",
    "get_fact",
    "register",
    "register_family",
]
