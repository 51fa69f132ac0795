"""The onboarding record of an account: its goals, how adoption goes, and how it ended (USE-3)."""
