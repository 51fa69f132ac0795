"""The composer: the forms that log an interaction or write a note, on the account page and in the queue's drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms

from csworkbench.common import clock
from csworkbench.tenancy.fingerprints import SeenForm
from csworkbench.tenancy.models import Member

from .models import Account, Contact, Interaction
from .people.contacting import DoNotContact, refuse_logging

ANSWERS = [("", "Not known"), ("yes", "Answered"), ("no", "No answer")]
MOODS = [("", "Not noted"), ("1", "Positive"), ("0", "Neutral"), ("-1", "Negative")]
# Nothing was logged before; a year with a digit missing is noticed.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Clocks of browsers run a little fast.
TOLERANCE = timedelta(minutes=2)
MOST_MINUTES = 24 * 60


def zone_of(member: Member) -> ZoneInfo:
    """The time zone a member reads and writes in: their own, or the workspace's."""
    return ZoneInfo(member.time_zone or member.workspace.time_zone)


def contacts_of(account: Account) -> list[Contact]:
    """The people of an account as they are chosen from: the primary contact first."""
    known = Contact.objects.filter(workspace=account.workspace_id, account=account)
    known = known.only("workspace", "account", "first_name", "last_name", "email", "is_primary", "dnc", "dnc_reason")
    return list(known.order_by("-is_primary", "last_name", "first_name", "pk"))


class LogForm(forms.Form):
    """A call, email, meeting or chat that happened (ACC-6). ``contacts`` spares reading the people once more."""

    kind = forms.ChoiceField(choices=Interaction.Kind.choices, initial=Interaction.Kind.CALL, widget=forms.HiddenInput)
    subject = forms.CharField(required=False, max_length=200)
    body = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}), label="What was said"
    )
    contact = forms.TypedChoiceField(required=False, empty_value=None, label="With")
    direction = forms.ChoiceField(choices=Interaction.Direction.choices, initial=Interaction.Direction.OUTBOUND)
    answered = forms.TypedChoiceField(
        choices=ANSWERS, coerce=lambda value: value == "yes", empty_value=None, required=False, label="Answered?"
    )
    sentiment = forms.TypedChoiceField(choices=MOODS, coerce=int, empty_value=None, required=False, label="Sentiment")
    happened_at = forms.DateTimeField(
        required=False,
        label="When",
        help_text="Left empty: now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M"),
    )
    duration_minutes = forms.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES, label="Minutes")
    needs_recap = forms.BooleanField(required=False, label="Owes a recap")
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        account: Account,
        actor: Member,
        contacts: Sequence[Contact] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone_of(actor)
        known = contacts_of(account) if contacts is None else contacts
        people = {str(one.pk): one for one in known}
        contact = cast(forms.TypedChoiceField, self.fields["contact"])
        contact.coerce = lambda value: people.get(str(value))
        contact.choices = [("", "Nobody in particular"), *((pk, _choice(one)) for pk, one in people.items())]

    def clean_happened_at(self) -> datetime | None:
        """The moment the member meant: what was typed is their own wall clock."""
        typed: datetime | None = self.cleaned_data["happened_at"]
        if typed is None:
            return None
        if not EARLIEST.year - 1 <= typed.year < MAXYEAR:  # in UTC it might be no moment any more
            raise forms.ValidationError("Check the year.")
        moment = typed.replace(tzinfo=self.zone).astimezone(UTC)
        if moment > clock.now() + TOLERANCE:
            raise forms.ValidationError("This is still to come. Log it when it has happened, or add a task for it.")
        if moment < EARLIEST:
            raise forms.ValidationError("Check the year.")
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        empty = not data.get("subject", "").strip() and not data.get("body", "").strip()
        if not self.errors and empty and data.get("kind") != Interaction.Kind.CALL:
            raise forms.ValidationError("Write a subject or what was said.")
        if self.says_who(data):
            try:
                refuse_logging(data.get("contact"), data.get("direction", ""))
            except DoNotContact as refused:
                self.add_error("contact", refused)
        # A meeting owes its recap (PLB-3 n); the box of another kind is not on screen.
        data["needs_recap"] = bool(data.get("needs_recap")) and data.get("kind") == Interaction.Kind.MEETING
        return data

    def says_who(self, data: Mapping[str, Any]) -> bool:
        """Whether it is said here with whom it was and who began: then nobody who is DNC may have been contacted."""
        return True


def _choice(contact: Contact) -> str:
    return f"{contact.name} (do not contact)" if contact.dnc else contact.name


class NoteForm(forms.Form):
    """A note; the app writes the date and the initials (ACC-7)."""

    text = forms.CharField(max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}), label="Note")
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)


class CorrectInteractionForm(SeenForm, LogForm):
    """An interaction that is corrected; knows the state it was drawn from."""

    kind = forms.ChoiceField(choices=Interaction.Kind.choices)
    request_key = None  # type: ignore[assignment]  # takes the field away: it is a correction, not a new row

    def says_who(self, data: Mapping[str, Any]) -> bool:
        """A correction of the text leaves alone that somebody became DNC since."""
        return bool({"contact", "direction"} & set(self.changed_data))

    @staticmethod
    def values_of(row: Interaction, zone: ZoneInfo) -> dict[str, Any]:
        """What the form shows of an interaction, its moment on the member's own clock."""
        return {
            "kind": row.kind,
            "subject": row.subject,
            "body": row.body,
            "contact": row.contact_id,
            "direction": row.direction,
            "answered": {True: "yes", False: "no", None: ""}[row.answered],
            "sentiment": "" if row.sentiment is None else str(row.sentiment),
            "happened_at": row.happened_at.astimezone(zone).replace(tzinfo=None),
            "duration_minutes": row.duration_minutes,
            "needs_recap": row.needs_recap,
        }

    def written(self, row: Any) -> dict[str, Any]:
        """The corrected columns of ``row``; a moment that was left alone keeps its seconds."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"seen", "contact"}}
        data["contact_id"] = self.cleaned_data["contact"].pk if self.cleaned_data["contact"] else None
        data["subject"], data["body"] = data["subject"].strip(), data["body"].strip()
        moment = data["happened_at"]
        if moment is None or moment == row.happened_at.replace(second=0, microsecond=0):
            data["happened_at"] = row.happened_at
        return data


class CorrectNoteForm(SeenForm):
    """A note that is corrected; its date and initials stay."""

    text = forms.CharField(max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}), label="Note")

    def written(self, row: Any) -> dict[str, Any]:
        """The corrected columns of a note."""
        return {"text": self.cleaned_data["text"].strip()}


def chosen_kind(sent: Mapping[str, str]) -> str:
    """Which tab of the composer was sent, a call when it names none that exists."""
    kind = sent.get("kind", "")
    return kind if kind in Interaction.Kind.values else Interaction.Kind.CALL.value


def opened(kind: str) -> str:
    """The tab that an address asks for: a kind of interaction or a note; empty for none."""
    return kind if kind in {*Interaction.Kind.values, "note"} else ""


def composer_forms(
    account: Account,
    actor: Member,
    *,
    contact: Contact | None = None,
    contacts: Sequence[Contact] | None = None,
    initial: Mapping[str, Any] | None = None,
) -> dict[str, forms.Form]:
    """The empty forms of the account page: one for all kinds of interactions, one for a note.

    Each has a key that makes a double submit harmless. ``initial`` is what the address asks to begin with.
    """
    begun = {"contact": contact.pk if contact else None, "needs_recap": True} | dict(initial or {})
    keys = {"request_key": uuid4()}
    return {
        "log_form": LogForm(account=account, actor=actor, contacts=contacts, initial=begun | keys, auto_id="log_%s"),
        "note_form": NoteForm(initial={"text": begun.get("body", ""), "request_key": uuid4()}, auto_id="note_%s"),
    }


def drawer_forms(account: Account, actor: Member, contact: Contact | None) -> dict[str, forms.Form]:
    """The forms of the queue's drawer: one for each act, each with a key of its own; the people are read once."""
    contacts = contacts_of(account)
    made: dict[str, forms.Form] = {"note_form": NoteForm(initial={"request_key": uuid4()}, auto_id="note_%s")}
    for kind in (Interaction.Kind.CALL, Interaction.Kind.EMAIL, Interaction.Kind.MEETING):
        initial = {"request_key": uuid4(), "kind": kind, "contact": contact.pk if contact else None}
        made[f"{kind}_form"] = LogForm(
            account=account,
            actor=actor,
            contacts=contacts,
            initial=initial | {"needs_recap": kind == Interaction.Kind.MEETING},
            auto_id=f"{kind}_%s",
        )
    return made
