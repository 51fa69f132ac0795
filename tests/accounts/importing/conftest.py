"""Uploads in a folder of the test; a workspace that sells Compliance and Learning, with a CSM called Keiko Ueda."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.models import Product
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import ProductFactory, make_member


@pytest.fixture(autouse=True)
def media(settings: pytest.FixtureRequest, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    return tmp_path / "media"


@pytest.fixture
def products(workspace: Workspace) -> list[Product]:
    return [
        ProductFactory(workspace=workspace, key="compliance", name="Compliance"),
        ProductFactory(workspace=workspace, key="learning", name="Learning"),
    ]


@pytest.fixture
def keiko(workspace: Workspace, products: list[Product]) -> Member:
    return make_member(workspace, "Keiko Ueda", roles=["csm"])
