"""How found words are shown in the timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django import template

from accounts import timeline

register = template.Library()


@register.filter
def marked(text: str, words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The pieces of a text, and whether each is one of the words: ``{% for piece, found in text|marked:words %}``."""
    return timeline.marked(text, words)
