"""Tables of the ground floor."""

from .base import TenantForeignKey, TenantModel
from .history import HistoryEntry
from .mail import OutgoingMail
from .members import Invitation, Member, Role, User
from .workspaces import Holiday, Workspace

__all__ = [
    "HistoryEntry",
    "Holiday",
    "Invitation",
    "Member",
    "OutgoingMail",
    "Role",
    "TenantForeignKey",
    "TenantModel",
    "User",
    "Workspace",
]
