"""Named writes of the ground floor."""

from .invitations import accept_invitation, invite_member, resend_invitation, withdraw_invitation
from .mail import queue_mail, retry_mail, settle_mail
from .members import deactivate_member, reactivate_member, update_member, update_profile
from .workspaces import (
    add_federal_holidays,
    add_holiday,
    remember_workspace,
    remove_holiday,
    update_workspace,
)

__all__ = [
    "accept_invitation",
    "add_federal_holidays",
    "add_holiday",
    "deactivate_member",
    "invite_member",
    "queue_mail",
    "reactivate_member",
    "remember_workspace",
    "remove_holiday",
    "resend_invitation",
    "retry_mail",
    "settle_mail",
    "update_member",
    "update_profile",
    "update_workspace",
    "withdraw_invitation",
]
