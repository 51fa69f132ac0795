"""One demo workspace from nothing, in one transaction and a fixed number of statements per thousand rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import holidays
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Model

from accounts.models import (
    Account,
    AccountFigures,
    AccountPriority,
    Answers,
    Contact,
    Difference,
    HealthOverride,
    Interaction,
    ModuleUse,
    Note,
    Outcome,
    RenewalOutcome,
    RevenueDay,
    Subscription,
    SupportTicket,
)
from csworkbench.common.statistics import refresh_statistics
from csworkbench.tenancy.models import Holiday, Member, Role, User, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from playbooks.models import Run, Task

from .. import pipeline
from ..packs import read_catalogue
from ..setup import install_pack
from .books import Plan, Setting, judge, plan_accounts
from .cast import PASSWORD, Vendor
from .chronicle import chronicle
from .contracts import Contract, draft_contract, name_payers
from .days import Days
from .health import judge_with_codes, overrides_of, tell_history
from .ids import new_ids
from .knowledge import differences_of, say_how_known
from .layout import HANDED_OVER, Seat, lay_out
from .people import draft_contacts
from .plans import tell_plans
from .questionnaires import fill_questionnaires
from .renewals import end_renewals, steer_renewals
from .support import tickets_of
from .telling import Subject, explain_health
from .trades import TRADES
from .usage import fill_usage
from .wording import Wording
from .work import open_work, write_notes

FILLED = (Account, AccountFigures, Contact, Interaction, ModuleUse, Note, Subscription, Task)
ACTOR = Actor("system", cause="demo data")
ACCOUNTS = 600
BATCH = 2_000


def build_demo(vendor: Vendor, *, accounts: int = ACCOUNTS) -> Workspace:
    """Create one vendor's workspace with ``accounts`` accounts (none for a vendor without a pack).

    The same vendor and number give the same people, names and texts every time. Fails whole or not at all; the slug
    must be free. Levels and the tasks of playbooks are there afterwards.
    """
    with transaction.atomic():
        workspace = Workspace.objects.create(
            slug=vendor.slug,
            name=vendor.name,
            time_zone=vendor.time_zone,
            currency=vendor.currency,
            phone_region=vendor.phone_region,
        )
        with workspace_scope(workspace.pk, actor=ACTOR):
            members = hire(vendor, workspace)
            subjects: list[Subject] = []
            if vendor.pack:
                install_pack(workspace, vendor.pack)
                catalogue = read_catalogue(workspace, vendor.pack)
                setting = Setting(vendor, workspace, TRADES[vendor.pack], catalogue, members, Days(workspace.time_zone))
                _add_holidays(setting)
                subjects = _fill(setting, accounts)
                refresh_statistics(*FILLED)
            pipeline.sweep(workspace)
            tell_history(subjects)
            refresh_statistics(AccountPriority, Run, Task)
    return workspace


def hire(vendor: Vendor, workspace: Workspace) -> dict[str, Member]:
    """The members of a workspace by name, leads first; logins that exist already get the known password again."""
    # One hash for all: Argon2 is slow on purpose, and the password is public anyway.
    password = make_password(PASSWORD)
    users = [
        User(email=vendor.address(person), name=person.name, password=password, last_workspace=workspace)
        for person in vendor.people
    ]
    User.objects.bulk_create(
        users, update_conflicts=True, unique_fields=["email"], update_fields=["name", "password", "last_workspace"]
    )
    found = User.objects.in_bulk([user.email for user in users], field_name="email")
    members: dict[str, Member] = {}
    leads: dict[int, Member] = {}
    for is_csm in (False, True):
        batch = [
            Member(
                workspace=workspace,
                user=found[vendor.address(person)],
                name=person.name,
                roles=[person.role],
                lead=leads.get(person.team) if is_csm else None,
                title=person.title,
                time_zone=person.time_zone,
            )
            for person in vendor.people
            if (person.role == Role.CSM) is is_csm
        ]
        _save(Member, batch)
        members |= {member.name: member for member in batch}
        leads |= {person.team: members[person.name] for person in vendor.people if person.role == Role.LEAD}
    return members


def _add_holidays(setting: Setting) -> None:
    year = setting.days.today.year
    federal = holidays.country_holidays("US", years=[year, year + 1])
    Holiday.objects.bulk_create(
        Holiday(workspace=setting.workspace, day=day, name=name[:120]) for day, name in sorted(federal.items())
    )


def _fill(setting: Setting, count: int) -> list[Subject]:
    """The book: accounts with what hangs on them, then their history, then the work of today."""
    seats = lay_out(setting.rng("layout"), setting.vendor, setting.trade, count, setting.members)
    wording = Wording(setting.vendor.pack)
    subjects = [_draft(setting, wording, plan) for plan in plan_accounts(setting, seats)]
    _save_accounts(subjects)
    _save_parts(subjects)
    fill_usage(setting, subjects)
    chronicles = [chronicle(subject) for subject in subjects]
    interactions, tasks = open_work(subjects)
    _save(Interaction, [row for each in chronicles for row in each.interactions] + interactions)
    _save(Note, [note for subject in subjects for note in write_notes(subject)])
    _save(Task, [row for each in chronicles for row in each.tasks] + tasks)
    for model, rows in tell_plans(subjects).tables():
        _save(model, rows)
    _save(Answers, fill_questionnaires(setting, [subject.plan.account for subject in subjects]))
    return subjects


def _draft(setting: Setting, wording: Wording, plan: Plan) -> Subject:
    """One account with everything that its own row depends on, nothing saved yet."""
    rng = setting.rng(plan.seat.index, "subject")
    contract = draft_contract(setting, plan)
    contacts = draft_contacts(setting, plan)
    say_how_known(setting, plan, contacts)
    subject = Subject(setting, wording, plan, contacts, contract)
    if rng.random() < HANDED_OVER and plan.seat.age > 200:
        subject.previous = _predecessor(setting, plan.seat)
        subject.handed_over = rng.randint(60, min(plan.seat.age, 700) - 60)
    plan.account.employees = max(plan.account.employees or 0, contract.users * 21 // 20)
    if any(each.product.key == "cred-serv" for each in contract.subscriptions):
        plan.account.fmc_lead = setting.member_of("lead", 2)
    judge(setting, plan, rng, contract.used)
    subject.decide_news(rng)
    plan.account.health_reason = explain_health(subject, rng)
    judge_with_codes(subject, setting.rng(plan.seat.index, "judgement"))
    return subject


def _predecessor(setting: Setting, seat: Seat) -> Member:
    """Who had the account before: another CSM of the same lead."""
    team = [
        member
        for member in setting.members.values()
        if member.lead_id == seat.csm.lead_id and member.lead_id is not None and member != seat.csm
    ]
    return team[seat.index % len(team)]


def _save_accounts(subjects: list[Subject]) -> None:
    """Parents first, because their members point at them."""
    plans = [subject.plan for subject in subjects]
    _save(Account, [plan.account for plan in plans if plan.seat.head is None])
    members = [plan for plan in plans if plan.seat.head is not None]
    for plan in members:
        plan.account.parent = plans[plan.seat.head or 0].account
    _save(Account, [plan.account for plan in members])


def _save_parts(subjects: list[Subject]) -> None:
    plans = [subject.plan for subject in subjects]
    for subject in subjects:
        plan, contract = subject.plan, subject.contract
        head = plans[plan.seat.head] if plan.seat.head is not None else None
        name_payers(plan, head, contract, subject.setting.rng(plan.seat.index, "payer"))
        for row in (*subject.contacts, *_rows(contract)):
            row.account = plan.account
    _save(Contact, [row for subject in subjects for row in subject.contacts])
    _save(Difference, differences_of(subjects))
    _save(SupportTicket, tickets_of(subjects))
    _save(HealthOverride, overrides_of(subjects))
    steer_renewals(subjects)
    _save(Subscription, [row for subject in subjects for row in subject.contract.subscriptions])
    ended, revenue = end_renewals(subjects)
    _save(RenewalOutcome, ended)
    _save(RevenueDay, revenue)
    # What the pipeline would note today is noted: the history ends with today's MRR.
    AccountFigures.objects.filter(workspace=subjects[0].setting.workspace).update(mrr_noted_minor=F("mrr_minor"))
    _save(ModuleUse, [row for subject in subjects for row in subject.contract.uses])
    _save(Outcome, [row for subject in subjects for row in subject.contract.outcomes])


def _rows(contract: Contract) -> Iterable[Any]:
    return (*contract.subscriptions, *contract.uses, *contract.outcomes)


def _save(model: type[Model], rows: list[Any]) -> None:
    """Insert rows with new ids; the order of accounts keeps the triggers' work per batch small."""
    for row, key in zip(rows, new_ids(), strict=False):
        row.pk = key
    model._default_manager.bulk_create(rows, batch_size=BATCH)
