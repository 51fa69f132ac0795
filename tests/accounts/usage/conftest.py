"""A workspace with two accounts, two modules and a way to send drops to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from accounts.models import Account, Module, Product, UsageDrop
from accounts.usage.applying import apply_drop
from accounts.usage.receiving import receive_drop, store_file
from csworkbench.tenancy.models import Workspace
from tests.factories import AccountFactory, ModuleFactory, ProductFactory

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
WILLOW_SF, SUMMIT_SF = "001000000000001AAA", "001000000000002AAA"


def back(days: int) -> str:
    """The day so many days before today, as a drop writes it."""
    return f"{TODAY - timedelta(days=days)}"


@dataclass
class Drops:
    """Sends files as the folder does, and applies them at once."""

    workspace: Workspace

    def send(
        self, text: str | bytes, *, stated: datetime | None = None, name: str = "use.csv", **more: Any
    ) -> UsageDrop:
        data = text.encode() if isinstance(text, str) else text
        drop = receive_drop(
            workspace_id=self.workspace.pk,
            source="folder",
            name=name,
            stored=store_file(self.workspace.pk, [data]),
            stated_at=stated,
        )
        apply_drop(self.workspace.pk, drop.pk, held=True, **more)
        drop.refresh_from_db()
        return drop

    def use(self, *rows: tuple[Any, ...], **more: Any) -> UsageDrop:
        """Rows of (account, module, day, uses)."""
        lines = [",".join(map(str, row)) for row in rows]
        return self.send("\n".join(["account,module,day,uses", *lines]) + "\n", **more)

    def users(self, *rows: tuple[Any, ...], **more: Any) -> UsageDrop:
        """Rows of (account, product, day, active, inactive, terminated, contracted)."""
        lines = ["users," + ",".join(map(str, row)) for row in rows]
        header = "record,account,product,day,active,inactive,terminated,contracted"
        return self.send("\n".join([header, *lines]) + "\n", **more)


@pytest.fixture(autouse=True)
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.USAGE_DROPS_DIR = tmp_path / "media", tmp_path / "drops"
    return tmp_path


@pytest.fixture
def drops(workspace: Workspace) -> Drops:
    return Drops(workspace)


@pytest.fixture
def learning(workspace: Workspace) -> Product:
    return ProductFactory(workspace=workspace, key="learning", name="Learning")


@pytest.fixture
def cases(learning: Product) -> Module:
    return ModuleFactory(product=learning)


@pytest.fixture
def courses(learning: Product) -> Module:
    return ModuleFactory(product=learning, key="courses", name="Courses", use_label="course opened")


@pytest.fixture
def willow(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace, name="Willow", sf_id=WILLOW_SF, lms_id="0000042", billing_id="rec-42")


@pytest.fixture
def summit(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace, name="Summit", sf_id=SUMMIT_SF, lms_id="0000043", billing_id="rec-43")
