"""The support picture of an account: open and past support tickets, how fast they are answered, what recurs (ACC-9)."""
