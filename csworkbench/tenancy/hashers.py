"""How passwords are hashed: Argon2id at a cost one machine can pay for many people signing in at once."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP's first choice).

    Django's own setting takes 100 MiB and eight threads for each attempt: a handful of guessers would take the memory
    of the machine. Hashes made with it keep working and are replaced at the next sign-in.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
