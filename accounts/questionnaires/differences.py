"""What differs between two versions of a questionnaire, in words."""

from __future__ import annotations

from collections.abc import Iterator

from .definitions import Question, Section, Sections, questions_of
from .prefilling import source_label

# (what, before, after); an added thing has no before, a removed one no after.
Difference = tuple[str, str, str]


def differences(old: Sections, new: Sections) -> list[Difference]:
    """Sections and questions that were added, removed, moved or changed, in the order of the new version."""
    return [*_sections(old, new), *_questions(old, new)]


def _sections(old: Sections, new: Sections) -> Iterator[Difference]:
    before, after = ({one.key: one for one in sections} for sections in (old, new))
    for key, section in after.items():
        if key not in before:
            yield "Section added", "", section.title
        elif before[key].title != section.title:
            yield "Section renamed", before[key].title, section.title
    for key in before.keys() - after.keys():
        yield "Section removed", before[key].title, ""
    kept_old = [one.title for one in old if one.key in after]
    kept_new = [before[one.key].title for one in new if one.key in before]
    if kept_old != kept_new:
        yield "Order of sections", ", ".join(kept_old), ", ".join(kept_new)


def _questions(old: Sections, new: Sections) -> Iterator[Difference]:
    before, after = _placed(old), _placed(new)
    for key, (section, one) in after.items():
        if key not in before:
            yield "Question added", "", f"{one.label} ({section.title})"
            continue
        was_in, was = before[key]
        if was_in.key != section.key:
            yield f"“{one.label}” moved", was_in.title, section.title
        yield from _changed(was, one)
    for key, (_, was) in before.items():
        if key not in after:
            yield "Question removed", was.label, ""
    yield from _reordered(old, new)


def _placed(sections: Sections) -> dict[str, tuple[Section, Question]]:
    return {one.key: (section, one) for section in sections for one in section.questions}


def _changed(was: Question, now: Question) -> Iterator[Difference]:
    if was.label != now.label:
        yield "Question reworded", was.label, now.label
    for what, before, after in (
        ("help", was.help, now.help),
        ("answer", was.sort_label, now.sort_label),
        ("choices", ", ".join(was.choices), ", ".join(now.choices)),
        ("completeness", _counts(was), _counts(now)),
        ("prefilled from", _source(was), _source(now)),
    ):
        if before != after:
            yield f"“{now.label}”: {what}", before, after


def _counts(one: Question) -> str:
    return "counts" if one.counts else "does not count"


def _source(one: Question) -> str:
    return source_label(one.prefill) if one.prefill else "nothing"


def _reordered(old: Sections, new: Sections) -> Iterator[Difference]:
    """Sections whose own questions stand in another order."""
    known = {one.key for one in questions_of(old)} & {one.key for one in questions_of(new)}
    before = {section.key: section for section in old}
    for section in new:
        if section.key not in before:
            continue
        was = [one.key for one in before[section.key].questions if one.key in known]
        now = [one.key for one in section.questions if one.key in known]
        both = set(was) & set(now)
        if [key for key in was if key in both] != [key for key in now if key in both]:
            yield f"Order of questions in “{section.title}”", "", "changed"
