"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from csworkbench.imports import kinds
        from csworkbench.integrations.scopes import Scope, add_scope
        from csworkbench.tenancy.frame import Tab, add_tab
        from csworkbench.tenancy.undoing import follows
        from csworkbench.tenancy.wording import tell_apart

        from . import facts  # noqa: F401  (registers the facts of this floor)
        from .custom import Wording
        from .entries import sources
        from .importing.book import Book
        from .importing.children import KINDS
        from .models import Candidate, Difference, HealthDay, Onboarding, OnboardingGoal, RevenueDay
        from .onboarding.templates import TestWording
        from .panels import Panel, add_panel
        from .questionnaires.wording import AnswersWording, SectionsWording

        sources.register()
        for kind in (Book(), *KINDS):
            kinds.register(kind)
        for computed in (Candidate, HealthDay, RevenueDay):
            follows(computed)
        # What a source says of somebody goes with them, unless a member has decided about it.
        follows(Difference, decided_by_id=None)
        # What the pipeline opened and saw; a record that a member worked on keeps its account.
        follows(Onboarding, ended_by_id=None)
        follows(OnboardingGoal, done_by_id=None)
        tell_apart("accounts_account", "custom", Wording)
        tell_apart("accounts_answers", "answers", AnswersWording)
        tell_apart("accounts_questionnaire", "sections", SectionsWording)
        tell_apart("accounts_goaltemplate", "reached_when", TestWording)
        add_scope(Scope("usage:write", "Send usage and read what became of it"))
        add_tab(Tab("Usage", "account_settings:usage", "activity", 56, ("admin", "ops")))
        add_panel(Panel("use", "Use", "accounts:usage_panel", "What they use, how often, and how many people", 30))
        add_panel(Panel("growth", "Upsell", "accounts:growth_panel", "What could be sold to them, and why", 65))
        add_panel(Panel("family", "Family", "accounts:family_panel", "Its parent, its locations, and their sums", 85))
        add_tab(Tab("Subtypes and offers", "account_settings:growth", "trend-up", 47))
        add_tab(Tab("Onboarding", "account_settings:onboarding", "success", 46))
        add_panel(
            Panel("onboarding", "Onboarding", "accounts:onboarding_panel", "Goals, target and how adoption goes", 40)
        )
        add_panel(Panel("plan", "Plan", "accounts:plan_panel", "Goals, actions and check-ins agreed with them", 50))
        add_tab(Tab("Custom fields", "account_settings:fields", "tag", 40))
        add_tab(Tab("Questionnaires", "account_settings:questionnaires", "task", 45))
        add_tab(Tab("Field owners", "account_settings:owners", "shield", 50))
        add_panel(
            Panel("renewal", "Renewal", "accounts:renewal_panel", "When it renews, how likely, and who decides", 20)
        )
        add_panel(
            Panel(
                "questionnaires",
                "Questionnaires",
                "accounts:questionnaires",
                "How well the account is known, and what is still to ask",
                70,
            )
        )
        add_panel(Panel("about", "About", "accounts:about_panel", "Industry, size, last use and contact", 90))
        add_panel(Panel("products", "Products", "accounts:products_panel", "What they pay for, and how much of it", 28))
        add_panel(
            Panel("opportunities", "Opportunities", "accounts:opportunities_panel", "What they may need next", 45)
        )
        add_panel(Panel("people", "People", "accounts:people_panel", "Whom to call, and whether they answer", 30))
        add_panel(Panel("support", "Support", "accounts:support_panel", "Open support tickets and what recurs", 60))
