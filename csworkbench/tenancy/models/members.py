"""Users sign in; members hold roles in a workspace."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from csworkbench.common.fields import UUID7

from .base import TenantForeignKey, TenantModel
from .workspaces import validate_time_zone


class UserQuerySet(BaseUserManager["User"]):
    """Creation of logins; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who can sign in, in any number of workspaces."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    theme = models.CharField(
        max_length=5, default="auto", choices=[("auto", "Auto"), ("light", "Light"), ("dark", "Dark")]
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now())
    last_workspace = models.ForeignKey("tenancy.Workspace", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = UserQuerySet()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)


class Role(models.TextChoices):
    """What a member may do; a member can hold several."""

    CSM = "csm", "CSM"
    LEAD = "lead", "Team lead"
    OPS = "ops", "CS Ops"
    RSM = "rsm", "RSM"
    FINANCE = "finance", "Finance"
    ADMIN = "admin", "Admin"


def role_labels(roles: list[str]) -> list[str]:
    """Roles in words: ``["csm", "lead"]`` → ``["CSM", "Team lead"]``."""
    return [role.label for role in Role if role.value in roles]


class MemberQuerySet(models.QuerySet["Member"]):
    """Sets of members."""

    def active(self) -> MemberQuerySet:
        return self.filter(is_active=True)

    def with_role(self, *roles: str) -> MemberQuerySet:
        return self.filter(roles__overlap=list(roles))


class Member(TenantModel):
    """A user's membership of a workspace."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=10, choices=Role.choices), default=list)
    lead = TenantForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now())

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "user"], name="member_once")]
        indexes: ClassVar = [
            models.Index(fields=["user"], name="member_user_idx"),  # "which workspaces are mine": before any is open
            models.Index(fields=["workspace", "lead"], name="member_lead_idx"),
        ]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def has_role(self, *roles: str) -> bool:
        """Whether the member holds any of the roles; an admin holds them all but finance (ESC-3)."""
        held = set(self.roles)
        if Role.ADMIN in held:
            held |= {Role.CSM, Role.LEAD, Role.OPS}
        return not held.isdisjoint(roles)

    @property
    def role_labels(self) -> list[str]:
        """The roles in words, in the order of the catalogue."""
        return role_labels(self.roles)

    @property
    def initials(self) -> str:
        """Upper-case initials of the first and last name, as the house formats write them (ACC-7)."""
        words = self.name.split()
        return "".join(word[0] for word in (words if len(words) < 3 else [words[0], words[-1]])).upper()


class Invitation(TenantModel):
    """A mailed offer to join; accepted once, before it expires."""

    email = models.EmailField()
    name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=10, choices=Role.choices), default=list)
    lead = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    invited_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "lead"], name="invitation_lead_idx"),
            models.Index(fields=["workspace", "invited_by"], name="invitation_by_idx"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def role_labels(self) -> list[str]:
        """The roles in words, in the order of the catalogue."""
        return role_labels(self.roles)
