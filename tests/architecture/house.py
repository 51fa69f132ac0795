"""The product's source as the guards read it: files, modules, syntax trees and imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("csworkbench", "accounts", "playbooks", "escalations", "transitions", "priorities")
IMPORTERS = ("import_module", "__import__", "import_string")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One module: its dotted name, its path below the checkout, its text."""

    module: str
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")

    @property
    def is_migration(self) -> bool:
        return "/migrations/" in self.path

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@dataclass(frozen=True)
class Import:
    """``name`` is empty when a whole module is imported; ``alias`` is the local name it gets."""

    importer: str
    target: str
    name: str
    alias: str
    line: int


def read(path: Path) -> Source:
    relative = path.relative_to(ROOT)
    dotted = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    return Source(dotted, relative.as_posix(), path.read_text(encoding="utf-8"))


def sample(module: str, text: str) -> Source:
    """A module that does not exist, for the test of a test."""
    return Source(module, module.replace(".", "/") + ".py", text)


@cache
def product() -> tuple[Source, ...]:
    """Every module of the product, ``manage.py`` included, migrations too."""
    files = [ROOT / "manage.py"]
    for package in PACKAGES:
        files += sorted((ROOT / package).rglob("*.py"))
    return tuple(read(path) for path in files)


@cache
def suite() -> tuple[Source, ...]:
    return tuple(read(path) for path in sorted((ROOT / "tests").rglob("*.py")))


def belongs(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in (*PACKAGES, "manage")


def imports_of(source: Source, modules: frozenset[str]) -> list[Import]:
    """Every import of product code in a module: at the top, in functions, for type checking, by a string."""
    found: list[Import] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found += [
                Import(source.module, name.name, "", name.asname or name.name, node.lineno) for name in node.names
            ]
        elif isinstance(node, ast.ImportFrom):
            found += _from(source, node, modules)
        elif isinstance(node, ast.Call):
            found += _by_string(source, node)
    return [one for one in found if belongs(one.target)]


def _from(source: Source, node: ast.ImportFrom, modules: frozenset[str]) -> list[Import]:
    base = node.module or ""
    if node.level:
        here = source.module.split(".")
        parents = here[: len(here) - node.level + source.is_package]
        base = ".".join([*parents, *([node.module] if node.module else [])])
    found = []
    for name in node.names:
        alias = name.asname or name.name
        whole = f"{base}.{name.name}"
        if whole in modules:
            found.append(Import(source.module, whole, "", alias, node.lineno))
        else:
            found.append(Import(source.module, base, name.name, alias, node.lineno))
    return found


def _by_string(source: Source, node: ast.Call) -> list[Import]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called not in IMPORTERS or not node.args or not isinstance(node.args[0], ast.Constant):
        return []
    return [Import(source.module, str(node.args[0].value), "", "", node.lineno)]


def modules_of(sources: Sequence[Source]) -> frozenset[str]:
    return frozenset(source.module for source in sources)


def assert_none(problems: Iterable[object]) -> None:
    """Fail with every problem on a line of its own, not with the first ones of a list."""
    lines = sorted(str(problem) for problem in problems)
    assert not lines, "\n" + "\n".join(lines)
