"""Questionnaires and checklists: frozen versions, a copy per account, answers merged one by one (ACC-8)."""
