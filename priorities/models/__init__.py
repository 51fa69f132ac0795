"""Tables of the priorities floor."""

from .rule_set import RuleSet

__all__ = ["RuleSet"]
