"""Questionnaires and checklists: templates of the workspace, copied per account and never edited in place (ACC-8)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account


class Questionnaire(TenantModel):
    """One version of a template. ``sections`` is validated by ``accounts.questionnaires.definitions``.

    Draft → published → retired; a published version never changes. At most one draft and one published per key.
    """

    class Kind(models.TextChoices):
        KYC = "kyc", "KYC questionnaire"
        ANALYSIS = "analysis", "Account analysis"
        CHECKLIST = "checklist", "Checklist"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    key = models.SlugField(max_length=40, db_index=False)
    number = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.KYC)
    description = models.CharField(max_length=300, blank=True)
    sections = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key", "number"], name="questionnaire_once"),
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=models.Q(state="published"), name="questionnaire_published_once"
            ),
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=models.Q(state="draft"), name="questionnaire_draft_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "author"], name="questionnaire_author_idx")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Answers(TenantModel):
    """A copy of a questionnaire for one account: the questions as they were, and the answers.

    ``answers`` maps a question's key to ``{"value", "source": "fact"|"member", "by": member id, "at": ISO}``.
    """

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="questionnaires")
    questionnaire = TenantForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="copies")
    # Of the template, so that the latest copy of a kind is found without it.
    key = models.SlugField(max_length=40, db_index=False)
    kind = models.CharField(max_length=9, choices=Questionnaire.Kind.choices)
    name = models.CharField(max_length=120)
    sections = models.JSONField(default=list)
    answers = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    # Percent of the questions that count which have an answer, and of those how many a member gave or confirmed.
    completeness = models.PositiveSmallIntegerField(default=0)
    confirmed = models.PositiveSmallIntegerField(default=0)
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True)
    completed_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    # A newer copy took its place; older ones stay readable.
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "key"], condition=models.Q(is_current=True), name="answers_current_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "key"], name="answers_account_idx"),
            models.Index(fields=["workspace", "questionnaire"], name="answers_questionnaire_idx"),
            models.Index(fields=["workspace", "author"], name="answers_author_idx"),
            models.Index(fields=["workspace", "completed_by"], name="answers_completer_idx"),
        ]
        verbose_name_plural = "answers"

    def __str__(self) -> str:
        return self.name
