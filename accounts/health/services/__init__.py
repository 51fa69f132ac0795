"""Named writes over health: of one account, and of the scorecards of a workspace."""

from .judgement import clear_escalated, end_override, judge, mark_escalated, override_health
from .scorecards import (
    Stale,
    activate_scorecard,
    add_scorecard,
    copy_scorecard,
    deactivate_scorecard,
    move_scorecard,
    save_scorecard,
)

__all__ = [
    "Stale",
    "activate_scorecard",
    "add_scorecard",
    "clear_escalated",
    "copy_scorecard",
    "deactivate_scorecard",
    "end_override",
    "judge",
    "mark_escalated",
    "move_scorecard",
    "override_health",
    "save_scorecard",
]
