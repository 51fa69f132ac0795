"""The inputs of a copy, made from its questions; and the form of a new questionnaire."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.custom import DIGITS, PLACES, as_json
from accounts.models import Questionnaire

from .definitions import Question, Section, Sort, questions_of
from .merging import Entries, Given
from .services import MAX_DESCRIPTION, MAX_NAME
from .values import MAX_LONG, MAX_TEXT, digest, is_blank, plain_text

PREFIX, SEEN = "answer-", "seen-"
YES_NO = [("", "Not known"), ("yes", "Yes"), ("no", "No")]
# Of money: what bigint and a browser both hold.
MONEY_DIGITS = 15


class NewQuestionnaireForm(forms.Form):
    """A questionnaire to begin with."""

    name = forms.CharField(max_length=MAX_NAME, help_text="Such as “Quarterly review”.")
    kind = forms.ChoiceField(choices=Questionnaire.Kind.choices, label="What for")
    description = forms.CharField(
        max_length=MAX_DESCRIPTION, required=False, help_text="One sentence: when to fill it in."
    )


class People:
    """Who can be chosen as an answer: contacts of the account and members of the workspace, by id."""

    def __init__(self, contacts: Iterable[tuple[str, str]], members: Iterable[tuple[str, str]]) -> None:
        self.by_sort: dict[str, dict[str, str]] = {Sort.CONTACT: dict(contacts), Sort.MEMBER: dict(members)}

    def choices(self, sort: str, kept: Any) -> list[tuple[str, str]]:
        """Blank first; somebody who is gone stays choosable where they are the answer."""
        known = self.by_sort[sort]
        extra = {kept["id"]: f"{kept['name']} (gone)"} if kept and kept["id"] not in known else {}
        return [("", "Not known"), *known.items(), *extra.items()]

    def value(self, sort: str, chosen: str, kept: Any) -> dict[str, str] | None:
        """What an answer keeps of a chosen person."""
        if not chosen:
            return None
        if chosen in self.by_sort[sort]:
            return {"id": chosen, "name": self.by_sort[sort][chosen]}
        return {"id": kept["id"], "name": kept["name"]}


class AnswersForm(forms.Form):
    """One input per question of a copy, ``answer-KEY``, beside ``seen-KEY``: the digest of the answer it was shown.

    Bound to what was sent, it looks only at questions that were: those with their ``seen``.
    """

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        sections: Sequence[Section],
        answers: Entries,
        people: People,
        only: Collection[str] | None = None,
    ) -> None:
        super().__init__(data)
        asked = {one.key: one for one in questions_of(sections)}
        if only is not None:
            asked = {key: one for key, one in asked.items() if key in only}
        self.questions, self.answers, self.people = asked, answers, people
        for key, one in asked.items():
            kept = answers.get(key, {}).get("value")
            self.fields[PREFIX + key] = self._input(one, kept)
            self.initial[PREFIX + key] = shown(one, kept)

    def _input(self, one: Question, kept: Any) -> forms.Field:
        shared: dict[str, Any] = {"label": one.label or one.key, "help_text": one.help, "required": False}
        if one.sort in (Sort.CONTACT, Sort.MEMBER):
            return forms.ChoiceField(choices=self.people.choices(one.sort, kept), **shared)
        if one.sort == Sort.CHOICE:
            gone = [kept] if kept and kept not in one.choices else []
            return forms.ChoiceField(choices=[("", "Not known"), *((c, c) for c in (*one.choices, *gone))], **shared)
        if one.sort == Sort.CHOICES:
            gone = [each for each in kept or [] if each not in one.choices]
            choices = [(c, c) for c in (*one.choices, *gone)]
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **shared)
        return plain_input(one, shared)

    def inputs(self, keys: Collection[str] | None = None) -> dict[str, forms.BoundField]:
        """Question → its input; of all, or of some."""
        return {key: self[PREFIX + key] for key in self.questions if keys is None or key in keys}

    @property
    def refused(self) -> dict[str, str]:
        """Questions whose input is not sound → the digest of the answer that it was shown."""
        return {key: self._seen(key) for key in self.questions if PREFIX + key in self.errors}

    def _seen(self, key: str) -> str:
        return str(self.data.get(SEEN + key, ""))

    def given(self) -> dict[str, Given]:
        """What was said about each question, without those whose input is not sound; call after validation."""
        return {
            key: Given(self._value(one), self._seen(key))
            for key, one in self.questions.items()
            if SEEN + key in self.data and PREFIX + key not in self.errors
        }

    def _value(self, one: Question) -> Any:
        entered = self.cleaned_data.get(PREFIX + one.key)
        if one.sort in (Sort.CONTACT, Sort.MEMBER):
            return self.people.value(one.sort, entered or "", self.answers.get(one.key, {}).get("value"))
        if one.sort == Sort.YES_NO:
            return {"yes": True, "no": False}.get(entered or "")
        if one.sort == Sort.MONEY:
            return int(entered * 100) if isinstance(entered, Decimal) else None
        if isinstance(entered, str):
            return plain_text(entered) or None
        return as_json(entered) if not isinstance(entered, list) else entered or None


class AmountField(forms.DecimalField):
    """A number as people type it, ``1,200`` too. No number input: a browser sends what it takes for none as blank."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs derive it from int's
        return super().to_python(re.sub(r"[,\s$€£]", "", value) if isinstance(value, str) else value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal"}


def plain_input(one: Question, shared: Mapping[str, Any]) -> forms.Field:
    """An input that needs to know nothing but its question."""
    if one.sort == Sort.LONG:
        return forms.CharField(max_length=MAX_LONG, widget=forms.Textarea(attrs={"rows": 2}), **shared)
    if one.sort == Sort.NUMBER:
        return AmountField(max_digits=DIGITS, decimal_places=PLACES, **shared)
    if one.sort == Sort.MONEY:
        return AmountField(max_digits=MONEY_DIGITS, decimal_places=2, **shared)
    if one.sort == Sort.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **shared)
    if one.sort == Sort.YES_NO:
        return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **shared)
    return forms.CharField(max_length=MAX_TEXT, **shared)


def shown(one: Question, kept: Any) -> Any:
    """A kept value as its input shows it."""
    if is_blank(kept):
        return "" if one.sort == Sort.YES_NO else None
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    if isinstance(kept, Mapping):
        return kept.get("id")
    if one.sort == Sort.MONEY and isinstance(kept, int):
        return f"{kept / 100:.2f}"
    return kept


def seen_of(entry: Mapping[str, Any] | None) -> str:
    """The digest that a form carries of the answer it shows."""
    return digest((entry or {}).get("value"))
