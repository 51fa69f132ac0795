"""When subscriptions renew, who decides, what is likely to come, and how renewals ended (REN-1, REN-2)."""
