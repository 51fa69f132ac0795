"""What the queue page shows: a constant number of statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Page
from django.db.models import Count, F, Max, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.http import urlencode

from accounts.facts import FactContext
from accounts.models import Account, AccountFigures, Interaction, Level, Note
from accounts.queries import fact_values
from csworkbench.common import clock, words
from csworkbench.common.pages import page_of
from csworkbench.tenancy.models import Member, Workspace
from playbooks.models import Task
from playbooks.queries import awake, open_tasks_of

from .explain import Chip, Explanation, chips, explain, facts_needed
from .recompute import DUE_SOON, DUE_SOON_POINTS, INBOUND_POINTS, OVERDUE_POINTS

PAGE_SIZE = 50
AT_STAKE = (Level.CRITICAL, Level.HIGH)
NOBODY = UUID(int=0)
# What a row shows of a task and its account; a page that shows more would ask for it row by row.
ROW_FIELDS = (
    "title", "level", "score", "due_on", "source", "why_facts", "account__name", "account__health", "account__tier",
    "account__standing__health", "account__priority__workspace_id", "account__priority__matched",
    "account__priority__rule_set_id",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What the address asks of the queue."""

    level: int | None = None
    kind: str = ""
    source: str = ""
    snoozed: bool = False
    page: int = 1

    def as_query(self, **changes: Any) -> str:
        """The query string of these filters with some changed; empty parts are left out."""
        parts = {
            "level": self.level,
            "kind": self.kind,
            "source": self.source,
            "page": self.page if self.page > 1 else "",
        }
        parts |= {"show": "snoozed" if self.snoozed else ""} | changes
        kept = {key: value for key, value in parts.items() if value not in ("", None)}
        return f"?{urlencode(kept)}" if kept else "?"


@dataclass(frozen=True)
class LevelCount:
    """One of the four counters at the head; a link that filters."""

    level: int
    label: str
    count: int
    active: bool
    url: str


@dataclass(frozen=True)
class Due:
    text: str
    tone: str
    title: str


@dataclass(frozen=True)
class Row:
    """One task of the queue with the reasons it ranks where it does."""

    task: Task
    account: Account
    why: list[Chip]
    due: Due
    instance: str
    mrr: str
    url: str
    account_url: str


@dataclass(frozen=True)
class Idea:
    """Something planned or worth starting when nothing waits."""

    text: str
    url: str


@dataclass(frozen=True)
class Queue:
    """Everything the queue page draws."""

    member: Member
    owner_member: Member
    own: bool
    greeting: str
    local_day: date
    today: date
    counts: list[LevelCount]
    mrr_at_stake: str
    computed_at: datetime | None
    rows: list[Row]
    page: Page[Task]
    filters: Filters
    snoozed_count: int
    address: str
    back: str
    ahead: list[Idea]
    kinds: list[tuple[str, str]] = field(default_factory=lambda: list(Task.Kind.choices))
    sources: list[tuple[str, str]] = field(default_factory=lambda: list(Task.Source.choices))

    @property
    def filtered(self) -> bool:
        """Whether the address narrows the queue, so that an empty page can say which emptiness it is."""
        return bool(self.filters.level or self.filters.kind or self.filters.source)

    @property
    def previous_url(self) -> str:
        return self.address + self.filters.as_query(page=self.page.number - 1)

    @property
    def next_url(self) -> str:
        return self.address + self.filters.as_query(page=self.page.number + 1)


def queue_of(
    *,
    owner: Member,
    viewer: Member,
    workspace: Workspace,
    context: FactContext,
    filters: Filters,
    address: str,
) -> Queue:
    """The ranked queue of a CSM (QUE-1); three statements."""
    everything = open_tasks_of(owner)
    if filters.kind:
        everything = everything.filter(kind=filters.kind)
    if filters.source:
        everything = everything.filter(source=filters.source)
    is_awake = awake(context.today)
    shown = ~is_awake if filters.snoozed else is_awake
    per_level, at_stake, asleep = _head(workspace, everything, shown, is_awake)
    wanted = everything.filter(shown)
    if filters.level is not None:
        wanted = wanted.filter(level=filters.level)
    count = sum(per_level.values()) if filters.level is None else per_level.get(filters.level, 0)
    page = page_of(in_order(wanted).values("pk"), str(filters.page), size=PAGE_SIZE, count=count)
    return Queue(
        member=viewer,
        owner_member=owner,
        own=owner.pk == viewer.pk,
        greeting=_greeting(viewer, workspace),
        local_day=clock.today(viewer.time_zone or workspace.time_zone),
        today=context.today,
        counts=_counters(per_level, filters, address),
        mrr_at_stake=words.money(at_stake, context.currency),
        computed_at=workspace.computed_at,
        rows=rows_of(_rows_on(page, workspace), context, workspace.slug),
        page=page,
        filters=filters,
        snoozed_count=asleep,
        address=address,
        back=_back(filters, owner, viewer),
        ahead=[] if count else _ahead(owner, workspace, context),
    )


def in_order(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Queue order: critical first, then the score, then what is due first."""
    return tasks.order_by("level", "-score", F("due_on").asc(nulls_last=True), "pk")


def _rows_on(page: Page[Task], workspace: Workspace) -> list[Any]:
    """The tasks of one page with what a row shows: joined for these alone, not for all that were put in order."""
    keys: Any = page.object_list
    shown = ("account__priority", "account__standing")
    chosen = Task.objects.filter(workspace=workspace, pk__in=keys).select_related(*shown)
    named = in_order(chosen).annotate(
        mrr_minor=F("account__figures__mrr_minor"), instance_name=F("account__instance__name")
    )
    return list(named.only(*ROW_FIELDS))


def _head(workspace: Workspace, tasks: QuerySet[Task], shown: Q, is_awake: Q) -> tuple[dict[int, int], int, int]:
    """Tasks per level, the MRR of the accounts with critical or high work, tasks asleep; one statement."""
    at_stake = tasks.filter(shown, level__in=AT_STAKE).values("account")
    figures = AccountFigures.objects.filter(workspace=workspace, account__in=at_stake).order_by()
    mrr = figures.values("workspace").annotate(sum=Sum("mrr_minor"))
    rows = (
        tasks.order_by()
        .values_list("level")
        # An amount beside the counts; Max of it is the amount itself.
        .annotate(
            shown=Count("pk", filter=shown),
            asleep=Count("pk", filter=~is_awake),
            at_stake=Max(Subquery(mrr.values("sum"))),
        )
    )
    per_level, money, asleep = dict.fromkeys(Level.values, 0), 0, 0
    for level, number, sleeping, money_at_stake in rows:
        per_level[level], money, asleep = number, money_at_stake or 0, asleep + sleeping
    return per_level, money, asleep


def _ahead(owner: Member, workspace: Workspace, context: FactContext) -> list[Idea]:
    """What comes next in the member's book, asked only when nothing waits; one statement."""
    week = context.today + timedelta(days=7)
    quarter = context.today + timedelta(days=90)
    book = Account.objects.filter(workspace=workspace, owner=owner)
    counts = book.aggregate(
        week=Count("pk", filter=Q(figures__renews_on__range=(context.today, week))),
        quarter=Count("pk", filter=Q(figures__renews_on__range=(context.today, quarter))),
    )
    address = f"{reverse('accounts:list', args=[workspace.slug])}?owner={owner.pk}&sort=renewal"
    spans = ((counts["week"], "this week"), (counts["quarter"], "within 90 days"))
    return [Idea(f"{words.count(number, 'renewal')} {when}", address) for number, when in spans if number][:1]


def _greeting(viewer: Member, workspace: Workspace) -> str:
    """A greeting for the hour it is where the member works."""
    hour = clock.now().astimezone(ZoneInfo(viewer.time_zone or workspace.time_zone)).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 and hour >= 12 else "evening"
    return f"Good {part}, {viewer.name.split()[0] if viewer.name.strip() else 'there'}"


def _back(filters: Filters, owner: Member, viewer: Member) -> str:
    """What the forms of the page carry along, so that the answer shows the same queue with the same filters."""
    own = {} if owner.pk == viewer.pk else {"of": owner.pk}
    return filters.as_query(**own).removeprefix("?")


def _counters(per_level: Mapping[int, int], filters: Filters, address: str) -> list[LevelCount]:
    return [
        LevelCount(
            level=level,
            label=label,
            count=per_level.get(level, 0),
            active=filters.level == level,
            url=address + filters.as_query(level="" if filters.level == level else level, page=""),
        )
        for level, label in Level.choices
    ]


def rows_of(tasks: list[Any], context: FactContext, slug: str) -> list[Row]:
    """Tasks as rows with their why-chips; one statement for the facts of all of them."""
    keys = facts_needed([task.account.priority for task in tasks], [task.why_facts for task in tasks])
    values = fact_values(list({task.account_id for task in tasks}), keys, context)
    drawer, account = _address_of("priorities:drawer", slug), _address_of("accounts:detail", slug)
    return [
        Row(
            task=task,
            account=task.account,
            why=chips(task.account.priority, task.why_facts, values.get(task.account_id, {}), context),
            due=due_of(task.due_on, context.today),
            instance=task.instance_name or "",
            mrr=words.money(task.mrr_minor, context.currency),
            url=drawer(task.pk),
            account_url=account(task.account_id),
        )
        for task in tasks
    ]


def _address_of(name: str, slug: str) -> Callable[[UUID], str]:
    """The addresses of many rows of a kind: resolved once, then filled in."""
    before, after = reverse(name, args=[slug, NOBODY]).split(str(NOBODY))
    return lambda pk: f"{before}{pk}{after}"


def due_of(due_on: date | None, today: date) -> Due:
    """How a due date reads, and whether it is late."""
    if due_on is None:
        return Due("No due date", "", "")
    days = (due_on - today).days
    text = f"{-days} d overdue" if days < 0 else f"due {words.relative_day(due_on, today)}"
    return Due(
        text[:1].upper() + text[1:],
        "bad" if days < 0 else "warn" if days <= 1 else "",
        f"{due_on:%a %b} {due_on.day}, {due_on.year}",
    )


def renewal_of(renews_on: date, today: date) -> Due:
    """How a renewal date reads: late ones and those within 90 days stand out."""
    days = (renews_on - today).days
    tone = "bad" if days < 0 else "warn" if days <= 90 else ""
    return Due(f"{words.relative_day(renews_on, today)}, {renews_on:%b} {renews_on.day}, {renews_on.year}", tone, "")


@dataclass(frozen=True)
class Drawer:
    """The brief beside the queue: enough to act on one task without a second tab."""

    task: Task
    account: Account
    explanation: Explanation
    due: Due
    mrr: str
    interactions: list[Interaction]
    notes: list[Note]
    contact: Any
    renewal: Due | None
    responsible: Member | None
    today: date


def drawer_of(task: Task, context: FactContext, workspace: Workspace) -> Drawer:
    """The brief of one task: why it ranks here, the last three interactions, who to call, the renewal."""
    account = task.account
    keys = facts_needed([account.priority], [task.why_facts])
    values = fact_values([account.pk], keys, context)[account.pk]
    renews_on = account.figures.renews_on
    return Drawer(
        task=task,
        account=account,
        explanation=explain(account.priority, values, context, extra=_task_lines(task, context)),
        due=due_of(task.due_on, context.today),
        mrr=words.money(account.figures.mrr_minor, context.currency),
        interactions=list(
            account.interactions.filter(workspace=workspace)
            .select_related("author", "contact")
            .order_by("-happened_at")[:3]
        ),
        notes=list(account.notes.filter(workspace=workspace).order_by("-created_at")[:2]),
        contact=account.contacts.filter(workspace=workspace, is_primary=True).first(),
        renewal=renewal_of(renews_on, context.today) if renews_on else None,
        responsible=task.assignee or account.owner,
        today=context.today,
    )


def _task_lines(task: Task, context: FactContext) -> list[str]:
    """What the task itself adds to its account's rank (PRI-3), as ``recompute.RANK_TASKS`` computes it."""
    lines = []
    if task.severity != Task.Severity.NORMAL:
        change = "one level up" if task.severity == Task.Severity.URGENT else "one level down"
        lines.append(f"{task.get_severity_display()} task → {change} from its account")
    if task.due_on is not None and task.due_on < context.today:
        lines.append(f"Overdue → +{OVERDUE_POINTS} points")
    elif task.due_on is not None and task.due_on <= context.today + DUE_SOON:
        lines.append(f"Due within {DUE_SOON.days} days → +{DUE_SOON_POINTS} points")
    if task.source == Task.Source.INBOUND:
        lines.append(f"The customer asked → +{INBOUND_POINTS} points")
    return lines
