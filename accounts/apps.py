"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from csworkbench.imports import kinds
        from csworkbench.integrations.scopes import Scope, add_scope
        from csworkbench.tenancy.undoing import follows
        from csworkbench.tenancy.wording import tell_apart

        from . import facts, pages  # noqa: F401  (facts register themselves)
        from .custom import Wording
        from .entries import sources
        from .health.wording import AudienceWording, CodesWording, MeasuresWording
        from .importing.book import Book
        from .importing.children import KINDS
        from .models import Candidate, Difference, HealthDay, Onboarding, OnboardingGoal, RevenueDay
        from .onboarding.templates import TestWording
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
        for table, column, teller in (
            ("accounts_account", "custom", Wording),
            ("accounts_account", "health_codes", CodesWording),
            ("accounts_scorecard", "audience", AudienceWording),
            ("accounts_scorecard", "measures", MeasuresWording),
            ("accounts_answers", "answers", AnswersWording),
            ("accounts_questionnaire", "sections", SectionsWording),
            ("accounts_goaltemplate", "reached_when", TestWording),
        ):
            tell_apart(table, column, teller)
        add_scope(Scope("usage:write", "Send usage and read what became of it"))
        pages.register()
