"""Settings of health: scorecards in their order, the editor of one, and what a change would do (HLT-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.conditions import in_words, validate
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, lost_race, refuse, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .. import building
from ..facts import FactContext, context_for
from ..health import editing, services
from ..health.definitions import InvalidScorecard
from ..health.queries import Preview, preview, scorecards_of
from ..models import Relationship, Scorecard

EDITORS = ("admin", "ops")
TAB = "account_settings:health"
AUDIENCE = "a"
ACTS = {"up": -1, "down": 1}
OPERATORS = [(key, said) for key, (_, said) in building.CONDITION_OPERATORS.items()]


class ScorecardForm(forms.Form):
    """What a scorecard is called and where its colours begin."""

    name = forms.CharField(max_length=80)
    green_from = forms.IntegerField(min_value=1, max_value=100, label="Green from", help_text="Score 0 to 100.")
    yellow_from = forms.IntegerField(min_value=0, max_value=99, label="Yellow from", help_text="Red is below.")
    least_known = forms.IntegerField(
        min_value=0, max_value=100, label="Least known", help_text="Percent of the weight; undefined below."
    )
    yellow_is = forms.ChoiceField(
        choices=[(Relationship.RISKY.value, "Risky"), (Relationship.HEALTHY.value, "Healthy")],
        label="A yellow relationship is",
        help_text="When accounts are moved.",
    )


@dataclass
class Draft:
    """A scorecard as it stands in the editor, sound or not."""

    scorecard: Scorecard
    form: ScorecardForm
    lines: building.Lines
    rows: list[editing.MeasureRow]

    @property
    def is_sound(self) -> bool:
        return self.form.is_valid() and not self.lines.errors and not any(row.is_wrong for row in self.rows)

    def values(self) -> dict[str, Any]:
        """What a save writes; only of a sound draft."""
        return self.form.cleaned_data | {"audience": self.lines.tree(), "measures": editing.measures_of(self.rows)}


@require_safe
@member_required()
def scorecards(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The scorecards in the order in which they are tried."""
    return list_page(request)


def list_page(request: WorkspaceRequest, *, status: int = 200) -> HttpResponse:
    context = context_for(request.workspace)
    rows = [(card, _audience(card, context), judged) for card, judged in scorecards_of(request.workspace)]
    return settings_page(
        request, "accounts/health/settings.html", TAB, {"rows": rows}, partial="scorecards", status=status
    )


def _audience(card: Scorecard, context: FactContext) -> str:
    if card.audience is None:
        return "Every account"
    return "Rests on a fact that is gone" if validate(card.audience) else in_words(card.audience, context)


@require_POST
@member_required(*EDITORS)
def act(request: WorkspaceRequest, workspace: str, scorecard: UUID, what: str) -> HttpResponse:
    """Move a scorecard, copy it, or let it count or not."""
    found = get_or_404(Scorecard.objects.all(), request.workspace, scorecard)
    try:
        _do(request, found, what)
    except (InvalidScorecard, ValidationError) as error:
        said = " ".join(error.messages) if isinstance(error, ValidationError) else f"It cannot count: {error}."
        answered(request, said)
        return list_page(request, status=422)
    return list_page(request) if request.htmx else redirect(TAB, workspace)


def _do(request: WorkspaceRequest, found: Scorecard, what: str) -> None:
    if what in ACTS:
        order = list(Scorecard.objects.filter(workspace=request.workspace).values_list("pk", flat=True))
        place = max(order.index(found.pk) + ACTS[what], 0)
        answered(request, "Moved.", changed=services.move_scorecard(actor=request.member, scorecard=found, place=place))
    elif what == "copy":
        made = services.copy_scorecard(actor=request.member, scorecard=found)
        answered(request, f"{made.name} is there. It counts once you activate it.")
    elif what == "activate":
        changed = services.activate_scorecard(actor=request.member, scorecard=found)
        answered(request, f"{found.name} counts now. Accounts follow within seconds.", changed=changed)
    else:
        changed = services.deactivate_scorecard(actor=request.member, scorecard=found)
        answered(request, f"{found.name} no longer counts.", changed=changed)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*EDITORS)
def scorecard(request: WorkspaceRequest, workspace: str, scorecard: UUID | None = None) -> HttpResponse:
    """Write a new scorecard, or change one: lines come and go, a preview shows what would change, save keeps it."""
    found = Scorecard(workspace=request.workspace, key="new")
    if scorecard is not None:
        found = get_or_404(Scorecard.objects.all(), request.workspace, scorecard)
    if request.method != "POST":
        return editor(request, drawn(found))
    draft = sent(request, found)
    pressed = str(request.POST.get("do", ""))
    if pressed.startswith(("m-", f"{AUDIENCE}-")):
        draft.rows = editing.acted(draft.rows, pressed) or draft.rows
        draft.lines = building.acted(draft.lines, request.POST, AUDIENCE) or draft.lines
        draft.form.errors.clear()
        return editor(request, draft)
    if not draft.is_sound:
        return editor(request, draft, status=422)
    if pressed == "preview":
        return previewed(request, draft)
    return save(request, draft)


def drawn(found: Scorecard) -> Draft:
    """The editor of a scorecard as it is saved."""
    initial = {name: getattr(found, name) for name in ScorecardForm.base_fields}
    rows = editing.rows_of(found.measures) or [editing.MeasureRow()]
    return Draft(found, ScorecardForm(initial=initial), building.lines_of(found.audience), rows)


def sent(request: WorkspaceRequest, found: Scorecard) -> Draft:
    """The editor as it came back."""
    lines = building.lines_from(request.POST, AUDIENCE, found.audience)
    return Draft(found, ScorecardForm(request.POST), lines, editing.rows_from(request.POST))


def previewed(request: WorkspaceRequest, draft: Draft) -> HttpResponse:
    """What the draft would change on today's book; nothing is written."""
    tried = draft.scorecard
    for name, value in draft.values().items():
        setattr(tried, name, value)
    try:
        shown = preview(tried, request.workspace, context_for(request.workspace))
    except InvalidScorecard as error:
        return refused(request, draft, error)
    return editor(request, draft, shown=shown)


def save(request: WorkspaceRequest, draft: Draft) -> HttpResponse:
    """Save the draft over the version it was drawn from; 409 with the current one when somebody was faster."""
    found = draft.scorecard
    version = str(request.POST.get("version", ""))
    try:
        if found._state.adding:
            found = services.add_scorecard(actor=request.member, values=draft.values())
            answered(request, f"{found.name} is there. It counts once you activate it.")
        else:
            seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else found.version
            services.save_scorecard(actor=request.member, scorecard=found, version=seen, values=draft.values())
            answered(request, "Saved. Accounts follow within seconds.")
    except services.Stale as stale:
        current = stale.current
        return lost_race(request, lambda: editor(request, drawn(current), status=409))
    except InvalidScorecard as error:
        return refused(request, draft, error)
    except ValidationError as error:
        refuse(draft.form, error)
        return editor(request, draft, status=422)
    return redirect(TAB, request.workspace.slug)


def refused(request: WorkspaceRequest, draft: Draft, error: InvalidScorecard) -> HttpResponse:
    """What no single box could know: the problem above the form, everything typed still there."""
    for problem in error.problems:
        name = problem.path.partition(".")[0]
        said = f"{problem.message[:1].upper()}{problem.message[1:]}."
        where = name if name in draft.form.fields else None
        draft.form.add_error(where, said if where else f"{_place(draft, problem.path)}{said}")
    return editor(request, draft, status=422)


def _place(draft: Draft, path: str) -> str:
    parts = path.split(".")
    if parts[0] == "measures" and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(draft.rows):
        return f"{draft.rows[int(parts[1])].label}: "
    return "Audience: " if parts[0] == "audience" else ""


def editor(request: WorkspaceRequest, draft: Draft, *, shown: Preview | None = None, status: int = 200) -> HttpResponse:
    context = context_for(request.workspace)
    weights = [int(row.weight) for row in draft.rows if row.weight.isascii() and row.weight.isdigit()]
    page = {
        "scorecard": draft.scorecard,
        "form": draft.form,
        "rows": [(row, editing.said_of(row, context)) for row in draft.rows],
        "weight": sum(weights),
        "lines": draft.lines,
        "prefix": AUDIENCE,
        "facts": building.choices_for(request.workspace),
        "operators": building.OPERATORS,
        "band_operators": OPERATORS,
        "said": draft.lines.words(context),
        "most": building.MOST,
        "preview": shown,
    }
    return settings_page(request, "accounts/health/scorecard.html", TAB, page, status=status)
