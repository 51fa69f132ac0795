"""The questionnaires a starter pack brings, as plain data: KYC and the account analysis (ACC-8, TRN-4)."""

from __future__ import annotations

from typing import Any

from accounts.models import Questionnaire
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

from .definitions import Sort

ADVISOR, COMPLIANCE = "advisor", "compliance"
Data = dict[str, Any]
FREQUENCIES = ["Daily", "Weekly", "Monthly", "Rarely"]


def _ask(key: str, label: str, sort: str = Sort.TEXT, prefill: str = "", **more: Any) -> Data:
    plain = {"help": "", "choices": [], "counts": True}
    return {"key": key, "label": label, "sort": str(sort), "prefill": prefill} | plain | more


def _section(key: str, title: str, *questions: Data) -> Data:
    return {"key": key, "title": title, "questions": list(questions)}


def _background(pack: str) -> Data:
    advisor = pack == ADVISOR
    does = "Which lines do they sell, and through which carriers?" if advisor else "What care do they give, and where?"
    return _section(
        "background",
        "Background",
        _ask("what_they_do", does, Sort.LONG),
        _ask("industry", "Industry", prefill="account.industry"),
        _ask("employees", "People who work there", Sort.NUMBER, "account.employees"),
        _ask("belongs_to", "Which account do they belong to?", prefill="account.parent", counts=False,
             help="A franchise, an enterprise, a group: who decides there for them?"),
        _ask("customer_since", "Customer since", Sort.DATE, "account.customer_since"),
        _ask("why_they_bought", "Why did they buy, and what did they use before?", Sort.LONG,
             help="From the discovery notes or the first call. Their own words are best."),
        _ask("success", "What would they call a success a year from now?", Sort.LONG,
             help="Something one can measure: a number, a date, an audit passed."),
        _ask("changes", "What has changed or is about to change there?", Sort.LONG, "account.org_change",
             help="Owners, mergers, layoffs, a new leader, a move."),
    )  # fmt: skip


def _contacts(pack: str) -> Data:
    areas = [
        _ask("finance_contact", "Who handles invoices?", Sort.CONTACT, "contact.finance"),
        _ask("training_contact", "Who handles training?", Sort.CONTACT, "contact.training"),
    ]
    if pack == COMPLIANCE:
        areas += [
            _ask("compliance_contact", "Who handles compliance?", Sort.CONTACT, "contact.compliance"),
            _ask("credentialing_contact", "Who handles credentialing?", Sort.CONTACT, "contact.credentialing",
                 counts=False),
        ]  # fmt: skip
    return _section(
        "contacts",
        "Contacts and billing",
        _ask("main_contact", "Main point of contact", Sort.CONTACT, "contact.primary"),
        _ask("reach", "How and when do they want to be reached?", prefill="contact.reach"),
        _ask("decision_maker", "Who decides?", Sort.CONTACT, "contact.decision_maker"),
        *areas,
        _ask("others", "Who else should we know?", Sort.LONG, "contact.others", counts=False),
        _ask("subscriptions", "What do they pay for?", Sort.LONG, "subscription.list"),
        _ask("mrr", "MRR", Sort.MONEY, "subscription.mrr"),
        _ask("payer", "Who pays, and who is billed?", prefill="subscription.payer"),
        _ask("renewal_on", "Next renewal", Sort.DATE, "renewal.date"),
        _ask("renewal_decider", "Who decides the renewal?", Sort.CONTACT, "renewal.decider"),
    )


def _usage() -> Data:
    return _section(
        "usage",
        "Usage and engagement",
        _ask("declared_frequency", "How often did they say they would log in?", Sort.CHOICE, "account.frequency",
             choices=FREQUENCIES),
        _ask("modules_used", "What do they use?", Sort.LONG, "usage.modules"),
        _ask("usage_trend", "Is their use growing or falling?", prefill="usage.trend"),
        _ask("modules_unused", "Which modules do they leave unused, and why?", Sort.LONG, "usage.unused"),
        _ask("users_active", "Users active", Sort.NUMBER, "subscription.active"),
        _ask("who_uses", "Who works in it every day, and who only signs off?", Sort.LONG),
        _ask("best_part", "What do they value most?", Sort.LONG),
        _ask("answering", "Do they answer us?", Sort.YES_NO, "interaction.replying"),
        _ask("mood", "How do they feel about us?", Sort.CHOICE, "interaction.mood",
             choices=["Positive", "Neutral", "Negative"]),
        _ask("trained", "Which training have they had, and what is still owed?", Sort.LONG),
    )  # fmt: skip


def _support() -> Data:
    return _section(
        "support",
        "Support",
        _ask("support_open", "What is open with support?", Sort.LONG, "support.open",
             help="Nothing open is an answer too."),
        _ask("support_recurring", "What keeps coming back?", prefill="support.recurring"),
        _ask("integrations", "Which integrations do they run or wait for?", Sort.CHOICES,
             choices=["SSO", "HRIS", "Payroll", "CRM", "Calendar", "None"]),
        _ask("support_wish", "What one thing would make their work easier?", Sort.LONG),
    )  # fmt: skip


def _stability() -> Data:
    return _section(
        "stability",
        "Financial stability",
        _ask("past_due", "Are they past due?", Sort.YES_NO, "account.past_due"),
        _ask("payment_habit", "How do they pay?", Sort.CHOICE,
             choices=["On time", "Late, but pays", "Disputes invoices", "Not known"]),
        _ask("budget", "Is their budget for this secure?", Sort.CHOICE,
             choices=["Secure", "Under review", "At risk", "They would not say"]),
        _ask("growth", "Are they growing, steady or shrinking?", Sort.CHOICE,
             choices=["Growing", "Steady", "Shrinking"]),
        _ask("alternatives", "Whom else do they look at?", Sort.LONG, counts=False),
    )  # fmt: skip


def kyc(pack: str) -> list[Data]:
    """The sections of the KYC questionnaire of a pack."""
    return [_background(pack), _contacts(pack), _usage(), _support(), _stability()]


def analysis(pack: str) -> list[Data]:
    """The sections of the account analysis that goes with a transition (TRN-4)."""
    counted = [
        _ask("an_users_active", "Active users", Sort.NUMBER, "subscription.active"),
        _ask("an_users_inactive", "Inactive users", Sort.NUMBER, "subscription.inactive"),
        _ask("an_users_terminated", "Terminated users", Sort.NUMBER, "subscription.terminated", counts=False),
        _ask("an_discrepancy", "Discrepancy against what they pay for", Sort.LONG, "subscription.discrepancy"),
    ]
    if pack == COMPLIANCE:
        counted.append(
            _ask("an_providers", "Providers, active against contracted", Sort.LONG, "subscription.providers",
                 counts=False)
        )  # fmt: skip
    courses = [_ask("an_course_cases", "Course cases?", Sort.LONG, "support.courses")] * (pack == COMPLIANCE)
    return [
        _section(
            "people", "People",
            _ask("an_main_contact", "Main contact", Sort.CONTACT, "contact.primary"),
            _ask("an_replying", "Is the main contact replying?", Sort.YES_NO, "interaction.replying"),
            _ask("an_last_answer", "Last answer", Sort.DATE, "interaction.answered_on"),
            _ask("an_other_contacts", "Other points of contact", Sort.LONG, "contact.others"),
        ),
        _section(
            "cases", "Cases and notes",
            _ask("an_escalated", "Is the account escalated?", Sort.YES_NO, "account.escalated"),
            _ask("an_open_cases", "Open cases, and what caused them", Sort.LONG),
            _ask("an_support_open", "Open support tickets", Sort.LONG, "support.open"),
            _ask("an_support_past", "Past support tickets", Sort.LONG, "support.past", counts=False),
            *courses,
            _ask("an_notes", "Recent notes", Sort.LONG, "note.last"),
        ),
        _section("use", "Users and use", *counted, _ask("an_modules", "Use of modules", Sort.LONG, "usage.modules")),
        _section(
            "hand_over", "Hand-over",
            _ask("an_health", "Health", prefill="health.now"),
            _ask("an_renewal", "Next renewal", Sort.DATE, "renewal.date"),
            _ask("an_opportunities", "Open opportunities and pending promises", Sort.LONG, "opportunity.open"),
            _ask("an_tone", "How should the new CSM speak with them?", Sort.LONG),
            _ask("an_meeting", "Hand-over meeting held?", Sort.YES_NO, help="Fifteen minutes with the new CSM."),
        ),
    ]  # fmt: skip


def starters(pack: str) -> list[Data]:
    """What a pack brings: key, name, kind, description and sections."""
    return [
        {"key": "kyc", "name": "KYC questionnaire", "kind": Questionnaire.Kind.KYC, "sections": kyc(pack),
         "description": "Know your customer: filled in during the first calls, looked over before each renewal."},
        {"key": "account_analysis", "name": "Account analysis", "kind": Questionnaire.Kind.ANALYSIS,
         "sections": analysis(pack),
         "description": "What the next CSM has to know, prepared before an account changes hands."},
    ]  # fmt: skip


def install_questionnaires(workspace: Workspace, pack: str) -> None:
    """Give a workspace the questionnaires it does not have, published; its own stay. Twice is once."""
    known = set(Questionnaire.objects.filter(workspace=workspace).values_list("key", flat=True))
    now = clock.now()
    Questionnaire.objects.bulk_create(
        Questionnaire(
            workspace=workspace, state=Questionnaire.State.PUBLISHED, published_at=now, changed_at=now, **starter
        )
        for starter in starters(pack)
        if starter["key"] not in known
    )
