"""One form per request of renewals: the board's filters, steering a renewal, closing it, a subscription by hand."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from accounts.models import Account, Contact, Instance, Product, Subscription
from accounts.search import normalise_name
from csworkbench.common.days import check_years
from csworkbench.tenancy.fingerprints import SeenForm
from csworkbench.tenancy.models import Member, Workspace

from .board import DECISIONS, Card
from .months import add_months

DAY = {"type": "date"}
YEAR_MONTHS = 12
# What a member corrects by hand; counts of users come every night and make no form stale.
EDITED = (
    "service_tier", "mrr_minor", "otr_minor", "contracted_users", "starts_on", "renews_on", "term_months",
    "notice_days", "auto_renews", "payer_id", "billed_to", "renewal_stage", "renewal_probability", "decider_id",
    "decided_at_account_id", "renewal_note", "ended_on",
)  # fmt: skip
SOMEWHERE = "One of its ids, or its whole name."


class RenewalFilterForm(forms.Form):
    """The filters of the board and the forecast; every part stands in the address."""

    owner = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any CSM", label="CSM")
    team = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any team")
    instance = forms.ModelChoiceField(queryset=Instance.objects.none(), required=False, empty_label="Any instance")
    tier = forms.TypedChoiceField(
        choices=[("", "Any tier"), (1, "Tier 1"), (2, "Tier 2"), (3, "Tier 3")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    stage = forms.ChoiceField(choices=[("", "Any stage"), *Subscription.RenewalStage.choices], required=False)
    health = forms.ChoiceField(choices=[("", "Any health"), *Account.Health.choices], required=False)
    decision = forms.ChoiceField(choices=[("", "Any decision"), *DECISIONS], required=False, label="Who decides")

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Member.objects.active().filter(workspace=workspace).order_by("name")
        choices: dict[str, Any] = {
            "owner": members.with_role("csm"),
            "team": members.with_role("lead"),
            "instance": Instance.objects.filter(workspace=workspace),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["team"].label_from_instance = lambda lead: f"{lead.name}’s team"  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """What is filtered by; an invalid part filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    @property
    def query(self) -> dict[str, str]:
        """The same as it stands in an address."""
        return {name: str(self.data.get(name, "")) for name in self.wanted}


class AccountNamed(forms.CharField):
    """Another account, by one of its ids or its whole name; ``workspace`` is set by the form."""

    workspace: Workspace | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, required=False, help_text=SOMEWHERE, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        if self.workspace is None:
            raise ValueError("the form sets the workspace")
        known = Account.objects.filter(workspace=self.workspace)
        by_id = list(known.filter(Q(sf_id=typed) | Q(lms_id=typed) | Q(billing_id=typed))[:2])
        found = by_id or list(known.filter(search_name=normalise_name(typed))[:2])
        if len(found) == 1:
            return found[0]
        raise forms.ValidationError(
            "Several accounts are called so: give an id." if found else "No account has this name or id."
        )


class SteerForm(SeenForm):
    """Where a renewal stands: stage, probability (blank: by health), who decides, a note."""

    stage = forms.ChoiceField(choices=Subscription.RenewalStage.choices)
    probability = forms.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        label="Probability (%)",
        help_text="Blank: it follows from the health.",
    )
    decider = forms.ModelChoiceField(queryset=Contact.objects.none(), required=False, empty_label="Not known")
    decided_at = AccountNamed(label="Decided at another account")
    note = forms.CharField(max_length=200, required=False)

    COLUMNS: ClassVar = {
        "stage": "renewal_stage",
        "probability": "renewal_probability",
        "decider": "decider_id",
        "decided_at": "decided_at_account_id",
        "note": "renewal_note",
    }

    def __init__(self, *args: Any, card: Card, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card = card
        workspace = card.account.workspace_id
        places = [card.account.pk, *([card.decided_at.pk] if card.decided_at else [])]
        people = Contact.objects.filter(workspace=workspace, account__in=places).select_related("account")
        self.fields["decider"].queryset = people.order_by("-is_primary", "last_name")  # type: ignore[attr-defined]
        self.fields["decider"].label_from_instance = self._named  # type: ignore[attr-defined]
        self.fields["decided_at"].workspace = workspace  # type: ignore[attr-defined]
        first = next((each for each in card.subscriptions if each.renewal_probability is not None), card.foremost)
        self.initial = {
            **self.initial,
            "stage": card.foremost.renewal_stage,
            "probability": first.renewal_probability,
            "decider": card.decider.pk if card.decider else None,
            "decided_at": card.decided_at.name if card.decided_at else "",
            "note": card.note,
        }
        self.remember(card.seen)

    def _named(self, contact: Contact) -> str:
        elsewhere = "" if contact.account_id == self.card.account.pk else f" ({contact.account.name})"
        return f"{contact.name}{elsewhere}"

    @property
    def changes(self) -> dict[str, Any]:
        """Column → value of what was changed."""
        values = {name: self.cleaned_data[name] for name in self.changed_data if name in self.COLUMNS}
        return {
            self.COLUMNS[name]: getattr(value, "pk", value) if name in {"decider", "decided_at"} else value
            for name, value in values.items()
        }


class CloseForm(SeenForm):
    """How a renewal ended: renewed with its next date and MRR, or lost with its last day and the reason."""

    outcome = forms.ChoiceField(choices=[("renewed", "Renewed"), ("lost", "Lost")], widget=forms.RadioSelect)
    renews_on = forms.DateField(required=False, label="Next renewal", widget=forms.DateInput(attrs=DAY))
    mrr = forms.DecimalField(max_digits=13, decimal_places=2, min_value=0, required=False)
    service_tier = forms.ChoiceField(required=False, help_text="A service tier is added at renewal.")
    ended_on = forms.DateField(required=False, label="Ended on", widget=forms.DateInput(attrs=DAY))
    reason = forms.CharField(max_length=200, required=False, label="Why it was lost")
    churned = forms.BooleanField(required=False, label="The account has churned")

    RENEWED: ClassVar = ("renews_on", "mrr", "service_tier")
    LOST: ClassVar = ("ended_on", "reason", "churned")

    def __init__(self, *args: Any, subscription: Subscription, last: bool, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due_on = subscription.renews_on or today
        self.due_on, self.today = due_on, today
        tiers = [("", "None"), *Subscription.ServiceTier.choices]
        self.fields["service_tier"].choices = tiers  # type: ignore[attr-defined]
        self.fields["mrr"].label = f"MRR from then on ({subscription.currency})"
        if last:
            self.fields["churned"].help_text = "It was the last subscription: the stage becomes churned."
        else:
            del self.fields["churned"]
        self.initial = {
            **self.initial,
            "outcome": "renewed",
            "renews_on": add_months(due_on, subscription.term_months or YEAR_MONTHS),
            "mrr": f"{subscription.mrr_minor / 100:.2f}",
            "service_tier": subscription.service_tier,
            "ended_on": min(due_on, today),
        }
        self.guard(subscription, ("renews_on", "mrr_minor", "service_tier", "ended_on"))

    @property
    def renewed_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.RENEWED]

    @property
    def lost_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.LOST if name in self.fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_years(self, "ended_on", "renews_on")
        demanded = {
            "renewed": {"renews_on": "Say when it renews next.", "mrr": "Say what is paid from then on."},
            "lost": {"ended_on": "Say on which day it ended.", "reason": "Say why it was lost."},
        }
        for name, message in demanded.get(data.get("outcome", ""), {}).items():
            if data.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, message)
        ended_on = data.get("ended_on")
        if data.get("outcome") == "lost" and ended_on and ended_on > self.today:
            self.add_error("ended_on", "This day is still to come.")
        return data


class SubscriptionForm(SeenForm, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A subscription by hand: what is paid, how many may use it, its term, who pays and who decides."""

    class Meta:
        model = Subscription
        fields: ClassVar = [
            "product", "service_tier", "mrr", "otr", "contracted_users", "starts_on", "renews_on", "term_months",
            "notice_days", "auto_renews", "payer_named", "billed_to", "renewal_stage", "renewal_probability",
            "decider", "decided_at", "renewal_note", "ended_on",
        ]  # fmt: skip
        widgets: ClassVar = {name: forms.DateInput(attrs=DAY) for name in ("starts_on", "renews_on", "ended_on")}
        labels: ClassVar = {
            "renews_on": "Renewal date", "term_months": "Term in months", "notice_days": "Days of notice",
            "auto_renews": "Renews by itself", "renewal_probability": "Probability (%)", "renewal_note": "Note",
        }  # fmt: skip
        help_texts: ClassVar = {
            "renewal_probability": "Blank: it follows from the health.",
            "notice_days": "By so many days before the renewal it has to be cancelled.",
            "ended_on": "Only for one that was stopped between renewals; close the renewal otherwise.",
        }

    MONEY: ClassVar = {"mrr": "mrr_minor", "otr": "otr_minor"}
    NAMED: ClassVar = {"payer_named": "payer", "decided_at": "decided_at_account"}

    mrr = forms.DecimalField(max_digits=13, decimal_places=2, min_value=0, required=False)
    otr = forms.DecimalField(max_digits=13, decimal_places=2, min_value=0, required=False)
    payer_named = AccountNamed(label="Paid by another account")
    decided_at = AccountNamed(label="Decided at another account")
    auto_renews = forms.NullBooleanField(
        required=False,
        label="Renews by itself",
        widget=forms.NullBooleanSelect,
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        one = self.instance
        self.adding = one._state.adding
        self._offer(account)
        for name, column in self.MONEY.items():
            self.fields[name].label = f"{name.upper()} ({one.currency})"
            self.initial[name] = f"{getattr(one, column) / 100:.2f}" if getattr(one, column) else None
        for name, relation in self.NAMED.items():
            self.fields[name].workspace = account.workspace_id  # type: ignore[attr-defined]
            other = getattr(one, relation)
            self.initial[name] = other.name if other is not None else ""
        if self.adding:
            del self.fields["ended_on"], self.fields["renewal_stage"]
        else:
            del self.fields["product"]
            self.guard(one, EDITED)

    def _offer(self, account: Account) -> None:
        products = Product.objects.filter(workspace=account.workspace_id)
        self.fields["product"].queryset = products  # type: ignore[attr-defined]
        places = [account.pk, *filter(None, [self.instance.decided_at_account_id])]
        people = Contact.objects.filter(workspace=account.workspace_id, account__in=places)
        self.fields["decider"].queryset = people.order_by("-is_primary", "last_name")  # type: ignore[attr-defined]
        self.fields["decider"].empty_label = "Not known"  # type: ignore[attr-defined]
        tiers = [("", "None"), *Subscription.ServiceTier.choices]
        self.fields["service_tier"].choices = tiers  # type: ignore[attr-defined]

    def clean_renewal_probability(self) -> int | None:
        percent: int | None = self.cleaned_data["renewal_probability"]
        if percent is not None and percent > 100:
            raise forms.ValidationError("From 0 to 100.")
        return percent

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_years(self, "starts_on", "ended_on", "renews_on")
        starts_on, ended_on, renews_on = (data.get(name) for name in ("starts_on", "ended_on", "renews_on"))
        if starts_on and ended_on and ended_on < starts_on:
            self.add_error("ended_on", "It ends before it starts.")
        elif ended_on and ended_on > self.instance.account.workspace.today:
            self.add_error("ended_on", "This day is still to come.")
        if starts_on and renews_on and renews_on <= starts_on:
            self.add_error("renews_on", "It renews after it has started.")
        for name, column in self.MONEY.items():
            if name in data:
                setattr(self.instance, column, int((data[name] or 0) * 100))
        for name, relation in self.NAMED.items():
            if name in data:
                other = data[name]
                same = other is not None and other.pk == self.instance.account_id
                setattr(self.instance, relation, None if same else other)
        return data

    @property
    def changed_columns(self) -> list[str]:
        """The columns that were changed."""
        names = self.MONEY | self.NAMED
        return [names.get(name, name) for name in self.changed_data if name != "seen"]
