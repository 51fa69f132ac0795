"""The brief of an account: everything for a hand-over or a call on one sheet."""
