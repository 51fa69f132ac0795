"""Tasks: the work items of the queue, and what members did with them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import Account, Level
from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .run import Run


class TaskQuerySet(models.QuerySet["Task"]):
    """Sets of tasks."""

    def open(self) -> TaskQuerySet:
        return self.filter(state=Task.State.OPEN)


class Task(TenantModel):
    """One work item in a CSM's queue (QUE-1).

    Without an ``assignee`` the account's owner is responsible, so moving a book moves its tasks; handing over sets
    an assignee. ``level`` and ``score`` are ranks computed by the pipeline.
    """

    class Kind(models.TextChoices):
        CHECK_IN = "check_in", "Check-in"
        RENEWAL = "renewal", "Renewal"
        ONBOARDING = "onboarding", "Onboarding"
        ISSUE = "issue", "Issue"
        REQUEST = "request", "Request"
        FOLLOW_UP = "follow_up", "Follow-up"
        OTHER = "other", "Other"

    class Source(models.TextChoices):
        INBOUND = "inbound", "Inbound"
        SELF_STARTED = "self", "Self-started"
        PLAYBOOK = "playbook", "Playbook"

    class Severity(models.IntegerChoices):
        URGENT = 1, "Urgent"
        NORMAL = 2, "Normal"
        MINOR = 3, "Minor"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        CLEARED = "cleared", "Cleared by itself"
        CANCELLED = "cancelled", "Cancelled"

    class Outcome(models.TextChoices):
        SUCCESS = "success", "Done: it worked"
        NO_ANSWER = "no_answer", "Done: no answer"
        NOT_NEEDED = "not_needed", "Not needed"
        FOLLOW_UP = "follow_up", "Done: follow-up agreed"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="tasks")
    run = TenantForeignKey(Run, on_delete=models.CASCADE, null=True, blank=True, related_name="tasks")
    step_key = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    details = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.SELF_STARTED)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, default=Severity.NORMAL)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    assignee = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    snoozed_until = models.DateField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    outcome_note = models.TextField(blank=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.LOW, db_default=Level.LOW.value)
    score = models.IntegerField(default=0, db_default=0)
    # Facts the playbook's trigger used, so that the row can say why with today's values.
    why_facts = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    created_at = models.DateTimeField(db_default=Now())
    created_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closed_because = models.CharField(max_length=200, blank=True)
    request_key = models.UUIDField(null=True, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Every effect has a unique key: a step of a run makes one task, whoever runs the tick and how often.
            models.UniqueConstraint(
                fields=["workspace", "run", "step_key"],
                condition=models.Q(run__isnull=False),
                name="task_step_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "request_key"],
                condition=models.Q(request_key__isnull=False),
                name="task_request_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "state"], name="task_account_idx"),
            models.Index(
                fields=["workspace", "assignee", "level", "-score"],
                name="task_assignee_idx",
                condition=models.Q(state="open", assignee__isnull=False),
            ),
            models.Index(
                fields=["workspace", "account"],
                name="task_open_owner_idx",
                condition=models.Q(state="open", assignee__isnull=True),
            ),
            models.Index(fields=["workspace", "created_by"], name="task_created_by_idx"),
            models.Index(fields=["workspace", "closed_by", "-closed_at"], name="task_closed_by_idx"),
        ]

    def __str__(self) -> str:
        return self.title


class TaskAction(TenantModel):
    """What a member did with a task from the queue; ``before`` restores it (QUE-2 undo)."""

    class Verb(models.TextChoices):
        COMPLETE = "complete", "Completed"
        SNOOZE = "snooze", "Snoozed"
        WAKE = "wake", "Woke"
        HAND_OVER = "hand_over", "Handed over"
        LOG = "log", "Logged an interaction"
        NOTE = "note", "Wrote a note"
        ADD = "add", "Added a task"

    task = TenantForeignKey(Task, on_delete=models.CASCADE, related_name="actions")
    member = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=10, choices=Verb.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # The interaction or note the action created, removed again by undo.
    created_row = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "member", "-at"], name="action_member_idx"),
            models.Index(fields=["workspace", "task", "-at"], name="action_task_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.task_id}"
