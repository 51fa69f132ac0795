"""The catalogue of a starter pack."""

from __future__ import annotations

import pytest

from accounts.models import Instance, Module, Product
from csworkbench.tenancy.models import Workspace
from priorities.packs import install_catalogue, read_catalogue, read_pack

# Modules that the starter playbooks of a pack watch.
WATCHED = {"advisor": {"cases", "policies"}, "compliance": {"courses", "policies"}}


@pytest.mark.parametrize("pack", ["advisor", "compliance"])
class TestInstallCatalogue:
    def test_adds_everything_the_playbooks_watch(self, workspace: Workspace, pack: str) -> None:
        catalogue = install_catalogue(workspace, pack)
        assert set(catalogue.modules) >= WATCHED[pack]
        assert all(module.use_label and catalogue.modules_of(module.product) for module in catalogue.modules.values())

    def test_twice_is_once(self, workspace: Workspace, pack: str) -> None:
        first = install_catalogue(workspace, pack)
        assert install_catalogue(workspace, pack) == first == read_catalogue(workspace, pack)

    def test_rows_of_the_workspace_stay(self, workspace: Workspace, pack: str) -> None:
        key = read_pack(pack)["products"][0]["key"]
        own = Product.objects.create(workspace=workspace, key=key, name="Our own name")
        assert install_catalogue(workspace, pack).products[key] == own
        own.refresh_from_db()
        assert own.name == "Our own name"


class TestProducts:
    def test_credentialing_counts_providers(self, workspace: Workspace) -> None:
        install_catalogue(workspace, "compliance")
        counted = Product.objects.filter(is_credentialing=True).values_list("name", flat=True)
        assert set(counted) == {"CRED SOFT", "CRED SERV"}
        assert {"Learning", "Compliance"} <= set(Product.objects.values_list("name", flat=True))

    def test_an_advisor_platform_has_core_enterprise_and_partners(self, workspace: Workspace) -> None:
        install_catalogue(workspace, "advisor")
        assert {"core", "enterprise"} < set(Instance.objects.values_list("key", flat=True))
        assert Module.objects.get(key="cases").use_label == "case created"

    @pytest.mark.parametrize("key", ["nothing", "../packs/advisor", ""])
    def test_an_unknown_pack_is_an_error(self, workspace: Workspace, key: str) -> None:
        with pytest.raises(KeyError):
            install_catalogue(workspace, key)
