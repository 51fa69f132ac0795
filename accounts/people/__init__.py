"""The people at accounts: who they are, who may be contacted, what other systems say of them (ACC-3, USE-4)."""
