"""What can be imported, and the columns of a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from csworkbench.imports.kinds import all_kinds
from csworkbench.tenancy.models import Member

from .conftest import Address

Browser = Callable[[Member], Client]


class TestKinds:
    def test_lists_every_kind_with_its_sheet_and_its_columns(
        self, client_for: Browser, ops: Member, address: Address
    ) -> None:
        page = client_for(ops).get(address("kinds")).content.decode()
        for kind in all_kinds():
            assert kind.label in page
            assert address("template", kind.key) in page and address("kind", kind.key) in page
            assert f"{address('upload')}?kind={kind.key}" in page

    def test_a_reader_is_not_offered_to_import(self, client_for: Browser, csm: Member, address: Address) -> None:
        assert f"{address('upload')}?kind" not in client_for(csm).get(address("kinds")).content.decode()

    def test_a_stranger_gets_404(self, client_for: Browser, csm: Member, other_workspace: Any) -> None:
        assert client_for(csm).get(f"/w/{other_workspace.slug}/imports/kinds/").status_code == 404

    def test_rejects_post(self, client_for: Browser, csm: Member, address: Address) -> None:
        assert client_for(csm).post(address("kinds")).status_code == 405


class TestKind:
    @pytest.mark.parametrize("kind", [kind.key for kind in all_kinds()] or ["book"])
    def test_explains_every_column(
        self, client_for: Browser, csm: Member, workspace: Any, address: Address, kind: str
    ) -> None:
        page = client_for(csm).get(address("kind", kind)).content.decode()
        known = next(one for one in all_kinds() if one.key == kind)
        for field in known.context(workspace).fields:
            assert f"<span>{escape(field.label)}" in page

    def test_shows_synonyms_and_examples(self, client_for: Browser, csm: Member, address: Address) -> None:
        page = client_for(csm).get(address("kind", "book")).content.decode()
        assert "sfdc id" in page and "001A6eEfujfoRnxICE" in page and "never blank" in page

    def test_an_unknown_kind_is_404(self, client_for: Browser, csm: Member, address: Address) -> None:
        assert client_for(csm).get(address("kind", "secrets")).status_code == 404

    def test_a_stranger_gets_404(self, client_for: Browser, csm: Member, other_workspace: Any) -> None:
        assert client_for(csm).get(f"/w/{other_workspace.slug}/imports/kinds/book/").status_code == 404

    def test_rejects_post(self, client_for: Browser, csm: Member, address: Address) -> None:
        assert client_for(csm).post(address("kind", "book")).status_code == 405
