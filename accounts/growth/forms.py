"""Forms over subtypes, families and upsell candidates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from accounts.finding import find
from accounts.models import Account, Offer, Product, Subtype
from accounts.search import normalise_name
from csworkbench.tenancy.fingerprints import SeenForm
from csworkbench.tenancy.models import Member, Workspace


class SubtypesForm(forms.Form):
    """Leave the subtypes to the facts, or choose them by hand (ACC-2)."""

    by_hand = forms.ChoiceField(
        choices=[("", "As the facts tell"), ("yes", "As chosen here")],
        required=False,
        widget=forms.RadioSelect,
        label="Subtypes",
    )
    keys = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label="Chosen by hand")

    def __init__(self, data: Any = None, *, subtypes: list[Subtype], account: Account) -> None:
        chosen = account.subtypes_chosen
        initial = {
            "by_hand": "" if chosen is None else "yes",
            "keys": account.figures.subtypes if chosen is None else chosen,
        }
        super().__init__(data, initial=initial)
        self.fields["keys"].choices = [(one.key, one.name) for one in subtypes]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[str] | None:
        """The keys, or None for what the facts tell."""
        return list(self.cleaned_data["keys"]) if self.cleaned_data["by_hand"] else None


class ParentForm(forms.Form):
    """The account above this one: a name or an id as one would search for it; empty takes it out of its family."""

    parent = forms.CharField(required=False, max_length=200, label="Parent account")
    pick = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Account, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.workspace = account, workspace
        self.choices: list[Account] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text, pick = (data.get("parent") or "").strip(), data.get("pick")
        data["found"] = None
        if pick or text:
            self.choices = self._matching(text, pick)
            if len(self.choices) == 1:
                data["found"] = self.choices[0]
            elif self.choices:
                self.add_error("parent", "Several accounts are called nearly so. Choose one below.")
            else:
                self.add_error("parent", f"No account is called “{text}”.")
        return data

    def _matching(self, text: str, pick: UUID | None) -> list[Account]:
        others = Account.objects.filter(workspace=self.workspace).exclude(pk=self.account.pk)
        if pick:
            return list(others.filter(pk=pick))
        exact = list(others.filter(search_name=normalise_name(text))[:2])
        if len(exact) == 1:
            return exact
        ids = [hit.account_id for hit in find(self.workspace, text, 8) if not hit.contact]
        return list(others.filter(pk__in=ids).select_related("owner").order_by("search_name"))


class DismissForm(forms.Form):
    """Why an account is no candidate."""

    reason = forms.CharField(max_length=200, label="Why not")


class CandidatesForm(forms.Form):
    """The filters of the list of upsell candidates."""

    owner = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any owner")
    offer = forms.ModelChoiceField(queryset=Offer.objects.none(), required=False, empty_label="Any offer")
    kind = forms.ChoiceField(choices=[("", "Any kind"), *Offer.Kind.choices], required=False)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Member.objects.active().filter(workspace=workspace).with_role("csm").order_by("name")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        offers = Offer.objects.filter(workspace=workspace, is_active=True)
        self.fields["offer"].queryset = offers  # type: ignore[attr-defined]


class SubtypeForm(SeenForm):
    """What a subtype is called and whether it counts; its condition stands in lines beside."""

    STATE = ("name", "place", "is_active", "condition")

    name = forms.CharField(max_length=80)
    place = forms.IntegerField(min_value=0, max_value=999, label="Order", help_text="Smaller numbers come first.")
    is_active = forms.BooleanField(required=False, initial=True, label="Told apart")

    def __init__(self, *args: Any, subtype: Subtype, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(name=subtype.name, place=subtype.place, is_active=subtype.is_active)
        self.guard(subtype, self.STATE)


class OfferForm(SeenForm):
    """What is offered and what to say; whom it fits stands in lines beside."""

    STATE = ("name", "kind", "product_id", "pitch", "place", "is_active", "condition")

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=Offer.Kind.choices)
    product = forms.ModelChoiceField(queryset=Product.objects.none(), required=False, empty_label="No product")
    pitch = forms.CharField(max_length=300, required=False, label="What to say")
    place = forms.IntegerField(min_value=0, max_value=999, label="Order", help_text="Smaller numbers come first.")
    is_active = forms.BooleanField(required=False, initial=True, label="Offered")

    def __init__(self, *args: Any, offer: Offer, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.filter(workspace=workspace)  # type: ignore[attr-defined]
        self.initial.update(
            name=offer.name,
            kind=offer.kind or Offer.Kind.PRODUCT,
            product=offer.product_id,
            pitch=offer.pitch,
            place=offer.place,
            is_active=offer.is_active,
        )
        self.guard(offer, self.STATE)
