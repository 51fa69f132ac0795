"""Every address of a URL configuration, read from the resolver so that none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Address:
    """One URL pattern: its full name, its route from the root, its parameters with their converters."""

    name: str
    route: str
    parameters: tuple[tuple[str, str], ...]
    view: Callable[..., Any]

    @property
    def keys(self) -> tuple[str, ...]:
        """The parameters beside the workspace."""
        return tuple(name for name, _ in self.parameters if name != "workspace")

    @property
    def namespace(self) -> str:
        return self.name.rpartition(":")[0]

    @property
    def is_workspace_page(self) -> bool:
        return any(name == "workspace" for name, _ in self.parameters)

    def path(self, **values: object) -> str:
        """The path with its parameters filled in, without going through ``reverse``."""
        return "/" + PARAMETER.sub(lambda match: str(values[match["name"]]), self.route)


def addresses(urlconf: str | None = None) -> list[Address]:
    """All addresses of the product's URL configuration, or of another module."""
    return list(_walk(get_resolver(urlconf), "", ""))


def _walk(resolver: URLResolver, route: str, namespace: str) -> Iterator[Address]:
    for one in resolver.url_patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, here, f"{namespace}{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern):
            parameters = tuple((match["name"], match["converter"] or "str") for match in PARAMETER.finditer(here))
            yield Address(namespace + (one.name or ""), here, parameters, one.callback)
