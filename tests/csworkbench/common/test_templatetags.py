"""Template tags: a component drawn once is the component."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Template

from csworkbench.common.templatetags import workbench

ICON = '{% include "components/_icon.html" with name="plus" class="icon-lg" only %}'


def drawn(template: str, **values: Any) -> str:
    return Template(template).render(Context(values))


class TestComponent:
    @pytest.fixture(autouse=True)
    def fresh(self) -> None:
        workbench._drawn.cache_clear()

    @pytest.mark.parametrize(
        ("tag", "include"),
        [
            (
                '{% component "chip" text=text tone="bad" title=text %}',
                '{% include "components/_chip.html" with text=text tone="bad" title=text only %}',
            ),
            ('{% component "icon" name="plus" class="icon-lg" %}', ICON),
            ('{% component "level" level=1 %}', '{% include "components/_level.html" with level=1 only %}'),
            ('{% component "health" health="red" %}', '{% include "components/_health.html" with health="red" only %}'),
        ],
    )
    def test_is_what_the_include_would_be(self, tag: str, include: str) -> None:
        """The second time too, when it is kept; markup in a value stays text."""
        expected = drawn(include, text="<b>Renews</b> & more")
        assert [drawn(tag, text="<b>Renews</b> & more") for _ in range(2)] == [expected] * 2
        assert "<b>" not in expected

    def test_is_drawn_once_per_set_of_values(self) -> None:
        for text in ("Renews today", "Renews today", "Past due"):
            drawn('{% component "chip" text=text %}', text=text)
        assert workbench._drawn.cache_info().misses == 2

    def test_sees_nothing_of_the_page_around_it(self) -> None:
        assert "secret" not in drawn('{% component "chip" text="Shown" %}', title="secret")

    def test_is_drawn_afresh_while_templates_are_being_edited(self, settings: Any) -> None:
        settings.DEBUG = True
        drawn('{% component "chip" text="Renews today" %}')
        assert workbench._drawn.cache_info().misses == 0
