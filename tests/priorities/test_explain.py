"""Why an account ranks where it does, in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.facts import context_for
from accounts.models import AccountPriority
from csworkbench.tenancy.models import Workspace
from priorities.explain import explain
from priorities.starter import install_rules

pytestmark = pytest.mark.usefixtures("frozen")


class TestFactLines:
    def test_a_moment_belongs_to_the_day_it_had_in_the_workspace(self, workspace: Workspace) -> None:
        rules = install_rules(workspace)
        priority = AccountPriority(workspace=workspace, level=4, rule_set_id=rules.pk, matched=["silent"])
        evening = datetime(2026, 9, 15, 3, 30, tzinfo=UTC)  # still the 14th in Chicago
        (line,) = explain(priority, {"last_answered_at": evening}, context_for(workspace)).facts
        assert line.age == "since Sep 14, 2026 (70 d)"
