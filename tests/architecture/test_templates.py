"""Templates: nothing inline that the content-security policy refuses, every name resolves, parts have names."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pytest
from django.template import Engine, TemplateSyntaxError, engines

from .addresses import Address, addresses
from .house import ROOT, Source, assert_none, product, sample


@dataclass(frozen=True)
class Page:
    """One template: its name, its text."""

    name: str
    text: str

    def line_of(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1


@cache
def pages() -> tuple[Page, ...]:
    folder = ROOT / "templates"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return tuple(Page(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")) for path in files)


COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)
REFUSED: dict[str, re.Pattern[str]] = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\s(?:src\s*=|type=\"application/json\"))", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "code in an htmx attribute": re.compile(r"hx-on[:-]|hx-vars|[\"']js:|javascript:", re.IGNORECASE),
    "unescaped value": re.compile(r"\|\s*(?:safe|safeseq)\b|autoescape\s+off"),
    "address of another host": re.compile(
        r"<(?:script|img|link|iframe|form|source|object|embed)\b[^>]*(?:src|href|action|data)\s*=\s*[\"']?(?:https?:)?//",
        re.IGNORECASE,
    ),
}


def refused(templates: Sequence[Page]) -> list[str]:
    """What the content-security policy would block, or what would let an account's name run as code (T12)."""
    return [
        f"{page.name}:{page.line_of(match.start())} {what}"
        for page in templates
        for what, pattern in REFUSED.items()
        for match in pattern.finditer(COMMENT.sub(_blank, page.text))
    ]


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


FORM = re.compile(r"<form\b(?P<tag>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(?P<body>.*?)</form>", re.DOTALL | re.IGNORECASE)


def unguarded_forms(templates: Sequence[Page]) -> list[str]:
    """Forms that post without the token against forged requests (T11)."""
    return [
        f"{page.name}:{page.line_of(match.start())}"
        for page in templates
        for match in FORM.finditer(page.text)
        if re.search(r"method\s*=\s*[\"']?post", match["tag"], re.IGNORECASE) and "csrf_token" not in match["body"]
    ]


URL_TAG = re.compile(r"\{%\s*url\s+[\"'](?P<name>[\w:-]+)[\"'](?P<rest>[^%]*)%\}")


def broken_links(templates: Sequence[Page], known: Sequence[Address]) -> list[str]:
    """``{% url %}`` of a name that no pattern has, or with arguments that none of them takes.

    ``{% url … as variable %}`` fails in silence when the name is wrong, so only a test can see it.
    """
    return [
        f"{page.name}:{page.line_of(match.start())} {match['name']}{match['rest'].rstrip()}"
        for page in templates
        for match in URL_TAG.finditer(page.text)
        if not any(_takes(address, match["rest"]) for address in known if address.name == match["name"])
    ]


def _takes(address: Address, rest: str) -> bool:
    words = re.sub(r"(?:^|\s)as\s+\w+$", "", rest.strip()).split()
    named = {word.split("=", 1)[0] for word in words if re.match(r"^\w+=", word)}
    expected = {name for name, _ in address.parameters}
    return named == expected if named else len(words) == len(expected)


PARTIAL = re.compile(
    r"\{%\s*partialdef\s+(?P<name>[\w-]+)(?:\s+inline)?\s*%\}(?P<body>.*?)\{%\s*endpartialdef", re.DOTALL
)


def partials(page: Page) -> dict[str, str]:
    return {match["name"]: match["body"] for match in PARTIAL.finditer(page.text)}


def misnamed_partials(templates: Sequence[Page]) -> list[str]:
    """Fragments whose first element does not carry their name as its id, so that HX-Target would not find them."""
    found = []
    for page in templates:
        for name, body in partials(page).items():
            first = re.search(r"<[a-zA-Z][^>]*>", COMMENT.sub("", body))
            if first is None or not re.search(rf"\bid\s*=\s*[\"']{re.escape(name)}[\"']", first[0]):
                found.append(f"{page.name}#{name}")
    return found


def rendered(sources: Sequence[Source]) -> Iterator[tuple[str, str, str]]:
    """``(place, template, fragment)`` of every constant passed to render, render_page and render_to_string."""
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called not in {"render", "render_page", "render_to_string", "get_template"}:
                continue
            strings = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            words = [
                word.value.value
                for word in node.keywords
                if word.arg == "partial" and isinstance(word.value, ast.Constant)
            ]
            for template in strings[:1]:
                name, _, fragment = template.partition("#")
                yield f"{source.path}:{node.lineno}", name, fragment or str(next(iter(words), "")).removeprefix("!")


def missing_templates(sources: Sequence[Source], templates: Sequence[Page]) -> list[str]:
    """Templates or fragments that a view renders and nobody wrote."""
    known = {page.name: partials(page) for page in templates}
    return [
        f"{place} {template}{'#' if fragment else ''}{fragment}"
        for place, template, fragment in rendered(sources)
        if template not in known or (fragment and fragment not in known[template])
    ]


INCLUDE = re.compile(r"\{%\s*(?:include|extends)\s+[\"'](?P<name>[^\"'#]+)(?:#(?P<part>[\w-]+))?[\"']")


def missing_parts(templates: Sequence[Page]) -> list[str]:
    known = {page.name: partials(page) for page in templates}
    return [
        f"{page.name}:{page.line_of(match.start())} {match['name']}"
        for page in templates
        for match in INCLUDE.finditer(page.text)
        if match["name"] not in known or (match["part"] and match["part"] not in known[match["name"]])
    ]


def unresolved_names(sources: Sequence[Source], known: Collection[str]) -> list[str]:
    """Names given to ``reverse`` and ``redirect`` in Python that no pattern has."""
    return [
        f"{source.path}:{node.lineno} {node.args[0].value!r}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        in {"reverse", "reverse_lazy", "redirect", "resolve_url"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and not str(node.args[0].value).startswith("/")
        and node.args[0].value not in known
    ]


def uncompiled(templates: Sequence[Page]) -> list[str]:
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    found = []
    for page in templates:
        try:
            engine.from_string(page.text)
        except TemplateSyntaxError as error:
            found.append(f"{page.name}: {error}")
    return found


class TestTheHouse:
    def test_templates_compile(self) -> None:
        assert_none(uncompiled(pages()))

    def test_nothing_inline(self) -> None:
        assert_none(refused(pages()))

    def test_forms_carry_the_token(self) -> None:
        assert_none(unguarded_forms(pages()))

    def test_links_resolve(self) -> None:
        assert_none(broken_links(pages(), addresses()))

    def test_names_in_code_resolve(self) -> None:
        assert_none(unresolved_names(product(), {address.name for address in addresses()}))

    def test_fragments_carry_their_names(self) -> None:
        assert_none(misnamed_partials(pages()))

    def test_rendered_templates_exist(self) -> None:
        assert_none(missing_templates(product(), pages()))

    def test_included_templates_exist(self) -> None:
        assert_none(missing_parts(pages()))


def a_page(text: str) -> list[Page]:
    return [Page("accounts/sample.html", text)]


class TestTheGuards:
    @pytest.mark.parametrize(
        "text",
        [
            '<p style="color: red">',
            "<style>p {}</style>",
            "<script>go()</script>",
            '<script type="module">go()</script>',
            '<a href="#" onclick="go()">',
            '<button\n  class="x"\n  onmouseover = "go()">',
            '<b hx-on:click="go()">',
            "<b hx-vals='js:{a: go()}'>",
            '<a href="javascript:go()">',
            "{{ account.name|safe }}",
            "{{ account.name | safe }}",
            "{% autoescape off %}",
            '<script src="https://cdn.example.org/htmx.js"></script>',
            '<img src="//example.org/pixel.gif">',
        ],
    )
    def test_what_the_policy_refuses_is_reported(self, text: str) -> None:
        assert len(refused(a_page(text))) == 1

    def test_what_it_allows_is_not(self) -> None:
        text = (
            '<script src="{% static \'a.js\' %}" defer></script>{# <p style="x"> #}'
            '<script type="application/json" id="a">'
        )
        assert refused(a_page(text)) == []

    def test_a_form_without_its_token_is_reported(self) -> None:
        bare = '<form method="post" action="{% url "x" %}"><input></form>'
        assert len(unguarded_forms(a_page(bare))) == 1
        assert unguarded_forms(a_page(bare.replace("<input>", "{% csrf_token %}"))) == []
        assert unguarded_forms(a_page('<form method="get"></form>')) == []

    @pytest.mark.parametrize(
        ("tag", "problems"),
        [
            ("{% url 'healthz' %}", 0),
            ("{% url 'healthy' %}", 1),
            ("{% url 'healthz' as href %}", 0),
            ("{% url 'healthy' as href %}", 1),
            ("{% url 'healthz' slug %}", 1),
            ("{% url 'priorities:queue' workspace=slug %}", 0),
            ("{% url 'priorities:queue' slug as href %}", 0),
            ("{% url 'priorities:queue' slug=slug %}", 1),
            ("{% url 'priorities:queue' %}", 1),
        ],
    )
    def test_a_broken_link_is_reported(self, tag: str, problems: int) -> None:
        assert len(broken_links(a_page(tag), addresses())) == problems

    def test_a_name_in_code_that_nobody_has_is_reported(self) -> None:
        source = sample("accounts.views", "redirect('accounts:lost', workspace=slug)\nredirect('/')")
        assert len(unresolved_names([source], {"accounts:list"})) == 1

    def test_a_fragment_under_another_name_is_reported(self) -> None:
        text = '{% partialdef row inline %}\n<tr id="line">{% endpartialdef %}'
        assert misnamed_partials(a_page(text)) == ["accounts/sample.html#row"]
        assert misnamed_partials(a_page(text.replace("line", "row"))) == []

    @pytest.mark.parametrize(
        "text",
        [
            "render_page(request, 'accounts/lost.html', {})",
            "render_page(request, 'accounts/sample.html', {}, partial='!lost')",
            "render(request, 'accounts/sample.html#lost')",
        ],
    )
    def test_a_template_nobody_wrote_is_reported(self, text: str) -> None:
        page = a_page('{% partialdef row %}<p id="row">{% endpartialdef %}{% include "lost.html" %}')
        assert len(missing_templates([sample("accounts.views", text)], page)) == 1
        assert len(missing_parts(page)) == 1

    def test_a_template_that_does_not_compile_is_reported(self) -> None:
        assert len(uncompiled(a_page("{% if %}"))) == 1
