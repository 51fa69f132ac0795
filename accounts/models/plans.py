"""Onboarding records, and success or retention plans."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account
from .catalogue import Instance
from .people import Contact


class GoalTemplate(TenantModel):
    """A goal that onboarding has on an instance, or on every one (USE-3)."""

    instance = TenantForeignKey(Instance, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    label = models.CharField(max_length=120)
    place = models.PositiveSmallIntegerField(default=0)
    # A condition over facts that reaches the goal by itself, such as the first use of a module.
    reached_when = models.JSONField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "instance", "label"], name="goal_template_once", nulls_distinct=False
            )
        ]
        ordering: ClassVar = ["place", "label"]

    def __str__(self) -> str:
        return self.label


class Onboarding(TenantModel):
    """The onboarding record of an account; one is open at a time."""

    class State(models.TextChoices):
        OPEN = "open", "Running"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed to onboard"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="onboardings")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    started_on = models.DateField()
    target_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True)
    ended_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True, help_text="What was reached, what is left, what to know.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account"], condition=models.Q(state="open"), name="onboarding_open_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="onboarding_account_idx"),
            models.Index(fields=["workspace", "ended_by"], name="onboarding_ender_idx"),
        ]

    def __str__(self) -> str:
        return f"onboarding since {self.started_on}"


class OnboardingGoal(TenantModel):
    """A goal of one onboarding, frozen from its template when the record was opened."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    onboarding = TenantForeignKey(Onboarding, on_delete=models.CASCADE, related_name="goals")
    template = TenantForeignKey(GoalTemplate, on_delete=models.SET_NULL, null=True, related_name="+")
    label = models.CharField(max_length=120)
    place = models.PositiveSmallIntegerField(default=0)
    done_on = models.DateField(null=True)
    # Empty when the workbench saw it happen by itself.
    done_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "onboarding", "label"], name="onboarding_goal_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="onboarding_goal_account_idx"),
            models.Index(fields=["workspace", "template"], name="onboarding_goal_template_idx"),
            models.Index(fields=["workspace", "done_by"], name="onboarding_goal_doer_idx"),
        ]
        ordering: ClassVar = ["place", "label"]

    def __str__(self) -> str:
        return self.label


class AdoptionCheck(TenantModel):
    """How well an account has taken up what it bought, as a member saw it on a day."""

    class Verdict(models.TextChoices):
        ON_TRACK = "on_track", "On track"
        BEHIND = "behind", "Behind"
        BLOCKED = "blocked", "Blocked"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="adoption_checks")
    onboarding = TenantForeignKey(Onboarding, on_delete=models.SET_NULL, null=True, related_name="checks")
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    checked_on = models.DateField()
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    note = models.TextField(blank=True)
    request_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "request_key"],
                condition=models.Q(request_key__isnull=False),
                name="adoption_request_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "-checked_on"], name="adoption_account_idx"),
            models.Index(fields=["workspace", "onboarding"], name="adoption_onboarding_idx"),
            models.Index(fields=["workspace", "author"], name="adoption_author_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.checked_on}: {self.verdict}"


class Plan(TenantModel):
    """A success plan, or a retention plan for an account at risk (PLB-3 k): goals, actions and check-ins."""

    class Kind(models.TextChoices):
        SUCCESS = "success", "Success plan"
        RETENTION = "retention", "Retention plan"

    class State(models.TextChoices):
        OPEN = "open", "Running"
        ACHIEVED = "achieved", "Achieved"
        CLOSED = "closed", "Closed"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="plans")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.SUCCESS)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    starts_on = models.DateField()
    target_on = models.DateField(null=True, blank=True)
    # The rhythm of check-ins in days; none when empty.
    check_in_days = models.PositiveSmallIntegerField(null=True, blank=True)
    next_check_in_on = models.DateField(null=True, blank=True)
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_on = models.DateField(null=True)
    ending_note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "kind"], condition=models.Q(state="open"), name="plan_open_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="plan_account_idx"),
            models.Index(fields=["workspace", "author"], name="plan_author_idx"),
        ]

    def __str__(self) -> str:
        return self.title


class PlanGoal(TenantModel):
    """A measurable goal of a plan: from a baseline to a target by a day."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    plan = TenantForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    measure = models.CharField(max_length=120)
    unit = models.CharField(max_length=20, blank=True)
    baseline = models.DecimalField(max_digits=14, decimal_places=2)
    target = models.DecimalField(max_digits=14, decimal_places=2)
    current = models.DecimalField(max_digits=14, decimal_places=2)
    due_on = models.DateField(null=True, blank=True)
    measured_on = models.DateField(null=True)
    reached_on = models.DateField(null=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "plan", "measure"], name="plan_goal_once"),
            models.CheckConstraint(condition=~models.Q(target=models.F("baseline")), name="plan_goal_moves"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "account"], name="plan_goal_account_idx")]
        ordering: ClassVar = ["place", "measure"]

    def __str__(self) -> str:
        return self.measure


class PlanAction(TenantModel):
    """Something that somebody does for a plan by a day."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    plan = TenantForeignKey(Plan, on_delete=models.CASCADE, related_name="actions")
    goal = TenantForeignKey(PlanGoal, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    # Ours, or somebody at the account; nobody named means the account's CSM.
    member = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True)
    done_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="plan_action_account_idx"),
            models.Index(fields=["workspace", "plan"], name="plan_action_plan_idx"),
            models.Index(fields=["workspace", "goal"], name="plan_action_goal_idx"),
            models.Index(fields=["workspace", "member"], name="plan_action_member_idx"),
            models.Index(fields=["workspace", "contact"], name="plan_action_contact_idx"),
            models.Index(fields=["workspace", "done_by"], name="plan_action_doer_idx"),
        ]

    def __str__(self) -> str:
        return self.title


class PlanEntry(TenantModel):
    """A check-in of a plan, or a value statement: what the account got out of it, in somebody's words."""

    class Kind(models.TextChoices):
        CHECK_IN = "check_in", "Check-in"
        VALUE = "value", "Value statement"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    plan = TenantForeignKey(Plan, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    on = models.DateField()
    text = models.TextField()
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    said_by = TenantForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    request_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "request_key"],
                condition=models.Q(request_key__isnull=False),
                name="plan_entry_request_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="plan_entry_account_idx"),
            models.Index(fields=["workspace", "plan", "-on"], name="plan_entry_plan_idx"),
            models.Index(fields=["workspace", "author"], name="plan_entry_author_idx"),
            models.Index(fields=["workspace", "said_by"], name="plan_entry_said_idx"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
