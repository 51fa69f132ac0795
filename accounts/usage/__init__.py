"""Usage per account, module and day: drops received, applied and counted (USE-1, USE-2, ACC-4)."""
