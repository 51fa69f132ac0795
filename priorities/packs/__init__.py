"""Starter packs: what a vendor of a kind sells, as plain data beside this module, put into a workspace once (ADM)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from accounts.models import Instance, Module, Product
from csworkbench.tenancy.models import Workspace

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Catalogue:
    """The catalogue rows of one workspace by their keys."""

    instances: dict[str, Instance]
    products: dict[str, Product]
    modules: dict[str, Module]

    def modules_of(self, product: Product) -> list[Module]:
        """The modules of a product, in the order of the pack."""
        return [module for module in self.modules.values() if module.product_id == product.pk]


@cache
def read_pack(key: str) -> dict[str, Any]:
    """The data of a pack; ``KeyError`` for one that does not exist."""
    file = FOLDER / f"{key}.json"
    if not key.isidentifier() or not file.is_file():
        raise KeyError(key)
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data


def install_catalogue(workspace: Workspace, pack: str) -> Catalogue:
    """Add the instances, products and modules of a pack that a workspace does not have; its own rows stay.

    The workspace's scope must be open. Raises ``KeyError`` for an unknown pack.
    """
    data = read_pack(pack)
    instances = [Instance(workspace=workspace, **row) for row in data["instances"]]
    Instance.objects.bulk_create(instances, ignore_conflicts=True)
    products = [
        Product(workspace=workspace, **{name: row[name] for name in row if name != "modules"})
        for row in data["products"]
    ]
    Product.objects.bulk_create(products, ignore_conflicts=True)
    present = {product.key: product for product in Product.objects.filter(workspace=workspace)}
    modules = [
        Module(workspace=workspace, product=present[row["key"]], **module)
        for row in data["products"]
        for module in row["modules"]
    ]
    Module.objects.bulk_create(modules, ignore_conflicts=True)
    return read_catalogue(workspace, pack)


def read_catalogue(workspace: Workspace, pack: str) -> Catalogue:
    """The rows of a pack as a workspace has them now."""
    data = read_pack(pack)
    instances = {row.key: row for row in Instance.objects.filter(workspace=workspace)}
    products = {row.key: row for row in Product.objects.filter(workspace=workspace)}
    modules = {row.key: row for row in Module.objects.filter(workspace=workspace)}
    return Catalogue(
        {row["key"]: instances[row["key"]] for row in data["instances"]},
        {row["key"]: products[row["key"]] for row in data["products"]},
        {module["key"]: modules[module["key"]] for row in data["products"] for module in row["modules"]},
    )
