"""What accounts add to shared pages: panels of the account page, and tabs of the settings."""

from __future__ import annotations

from csworkbench.tenancy.frame import Tab, add_tab

from .panels import Panel, add_panel

PANELS = (
    Panel("health-panel", "Health", "accounts:health_panel", "Each measure, what moved, and what members say", 10),
    Panel("renewal", "Renewal", "accounts:renewal_panel", "When it renews, how likely, and who decides", 20),
    Panel("people", "People", "accounts:people_panel", "Whom to call, and whether they answer", 25),
    Panel("products", "Products", "accounts:products_panel", "What they pay for, and how much of it", 28),
    Panel("use", "Use", "accounts:usage_panel", "What they use, how often, and how many people", 30),
    Panel("onboarding", "Onboarding", "accounts:onboarding_panel", "Goals, target and how adoption goes", 40),
    Panel("opportunities", "Opportunities", "accounts:opportunities_panel", "What they may need next", 45),
    Panel("plan", "Plan", "accounts:plan_panel", "Goals, actions and check-ins agreed with them", 50),
    Panel("support", "Support", "accounts:support_panel", "Open support tickets and what recurs", 60),
    Panel("growth", "Upsell", "accounts:growth_panel", "What could be sold to them, and why", 65),
    Panel("questionnaires", "Questionnaires", "accounts:questionnaires", "How well the account is known", 70),
    Panel("family", "Family", "accounts:family_panel", "Its parent, its locations, and their sums", 85),
    Panel("about", "About", "accounts:about_panel", "Industry, size, last use and contact", 90),
)
TABS = (
    Tab("Custom fields", "account_settings:fields", "tag", 40),
    Tab("Health", "account_settings:health", "activity", 42),
    Tab("Questionnaires", "account_settings:questionnaires", "task", 45),
    Tab("Onboarding", "account_settings:onboarding", "success", 46),
    Tab("Subtypes and offers", "account_settings:growth", "trend-up", 47),
    Tab("Field owners", "account_settings:owners", "shield", 50),
    Tab("Usage", "account_settings:usage", "upload", 56, ("admin", "ops")),
)


def register() -> None:
    """Put the panels and tabs in their places; again replaces them."""
    for panel in PANELS:
        add_panel(panel)
    for tab in TABS:
        add_tab(tab)
