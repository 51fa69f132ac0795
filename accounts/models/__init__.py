"""Tables of the accounts floor."""

from .account import Account, AccountFigures, AccountPriority, DirtyAccount, Level, Outcome
from .catalogue import Instance, Module, Product
from .custom import CustomField, FieldOwner
from .growth import Candidate, Offer, RenewalOutcome, RevenueDay, Subtype
from .health import AccountHealth, HealthDay, HealthOverride, Relationship, Scorecard
from .people import Contact, Difference
from .plans import AdoptionCheck, GoalTemplate, Onboarding, OnboardingGoal, Plan, PlanAction, PlanEntry, PlanGoal
from .questionnaires import Answers, Questionnaire
from .sales import Opportunity
from .search import SearchTerm, SearchVariant
from .support import SupportTicket
from .timeline import Interaction, Note
from .use import ModuleUse, SeatDay, Subscription, UsageDay, UsageDrop

__all__ = [
    "Account",
    "AccountFigures",
    "AccountHealth",
    "AccountPriority",
    "AdoptionCheck",
    "Answers",
    "Candidate",
    "Contact",
    "CustomField",
    "Difference",
    "DirtyAccount",
    "FieldOwner",
    "GoalTemplate",
    "HealthDay",
    "HealthOverride",
    "Instance",
    "Interaction",
    "Level",
    "Module",
    "ModuleUse",
    "Note",
    "Offer",
    "Onboarding",
    "OnboardingGoal",
    "Opportunity",
    "Outcome",
    "Plan",
    "PlanAction",
    "PlanEntry",
    "PlanGoal",
    "Product",
    "Questionnaire",
    "Relationship",
    "RenewalOutcome",
    "RevenueDay",
    "Scorecard",
    "SearchTerm",
    "SearchVariant",
    "SeatDay",
    "Subscription",
    "Subtype",
    "SupportTicket",
    "UsageDay",
    "UsageDrop",
]
