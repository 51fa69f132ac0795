"""Finding accounts and contacts while typing, with slips (ACC-10).

Everything is compared by equality and range on plain text: both are leakproof, so indexes serve under the policies
(architecture §3). A word finds what begins with it; where that leads nowhere, a slip of one letter is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from rapidfuzz.distance import OSA

from csworkbench.tenancy.models import Workspace

from .models import Account, Contact, SearchTerm, SearchVariant
from .search import normalise_name

MOST_WORDS = 6
# A word with fewer terms than this is rare enough to start from.
RARE = 400
# Candidates that are looked at closely, and words that a slip may stand for.
CANDIDATES, SPELLINGS, NEAR = 80, 12, 200
LAST = "\U0010ffff"
NAME, ID, PERSON, EMAIL = (kind.value for kind in SearchTerm.Kind)


@dataclass(frozen=True)
class Hit:
    """An account that was found, or a contact of it; ``spelt`` is what the words were taken for, if not as typed."""

    account_id: UUID
    account: str
    contact: str = ""
    detail: str = ""
    spelt: str = ""

    @property
    def title(self) -> str:
        return self.contact or self.account


@dataclass(frozen=True)
class Word:
    """One word as typed, and the known words it may stand for; none means it is looked for as it is."""

    typed: str
    spellings: tuple[str, ...] = ()

    @property
    def terms(self) -> Q:
        """The terms it finds: those that begin with it, and its spellings."""
        begun = Q(word__gte=self.typed, word__lt=self.typed + LAST)
        return begun | Q(word__in=self.spellings) if self.spellings else begun


def find(workspace: Workspace, text: str, limit: int = 12) -> list[Hit]:
    """Accounts and contacts for what was typed, best first: a few statements over index ranges.

    Names and people by any words, each from its beginning; ids and addresses from their beginning.
    """
    words = _words(text)
    if not words:
        return []
    hits = _looked_up(workspace, text, words, limit)
    if hits:
        return hits
    spelt = _spelt(workspace, words)
    return _looked_up(workspace, text, spelt, limit) if spelt else []


def matching(workspace: Workspace, text: str) -> Q:
    """The accounts that a text finds, as a condition for a list; every word has to be found, as typed or nearly so."""
    words = _words(text)
    if not words:
        return Q(pk__in=[])
    if not _candidates(workspace, words)[:1]:
        words = _spelt(workspace, words) or words
    terms = SearchTerm.objects.filter(workspace=workspace)
    return Q(*(Q(pk__in=terms.filter(word.terms).values("account_id")) for word in words))


def _words(text: str) -> list[Word]:
    """What was typed, word by word; an id or an address stays in one piece."""
    text = text.replace("\0", "")  # which PostgreSQL cannot look for
    plain = " ".join(text.lower().split())
    if " " not in plain and ("@" in plain or "-" in plain or "." in plain or plain.isdigit()):
        return [Word(plain[:254])] if plain else []
    return [Word(word) for word in dict.fromkeys(normalise_name(text).split()[:MOST_WORDS])]


def _candidates(workspace: Workspace, words: Sequence[Word]) -> QuerySet[SearchTerm]:
    """Terms of the rarest word whose account has all the others."""
    terms = SearchTerm.objects.filter(workspace=workspace)
    ranked = sorted(words, key=lambda word: _rarity(terms, word)) if len(words) > 1 else words
    found = terms.filter(ranked[0].terms)
    for word in ranked[1:]:
        found = found.filter(Exists(terms.filter(word.terms, account_id=OuterRef("account_id"))))
    return found


def _rarity(terms: QuerySet[SearchTerm], word: Word) -> int:
    return terms.filter(word.terms).order_by()[:RARE].count()


def _looked_up(workspace: Workspace, text: str, words: Sequence[Word], limit: int) -> list[Hit]:
    found = list(_candidates(workspace, words).values_list("account_id", "contact_id")[:CANDIDATES])
    accounts = {account for account, _ in found}
    names = dict(Account.objects.filter(workspace=workspace, pk__in=accounts).values_list("pk", "name"))
    people = _people(workspace, words, [contact for _, contact in found if contact])
    hits: dict[tuple[UUID, str], tuple[tuple[int, int, str], Hit]] = {}
    wanted = normalise_name(text)
    spelt = " ".join(word.spellings[0] if word.spellings else word.typed for word in words)
    for account_id, contact_id in found:
        name = names.get(account_id)
        if name is None:
            continue
        person = people.get(contact_id) if contact_id else None
        spelling = spelt if any(word.spellings for word in words) else ""
        hit = Hit(account_id, name, person.name if person else "", _detail(person), spelling)
        key = (account_id, str(person.pk) if person else "")
        hits.setdefault(key, (_rank(hit, wanted), hit))
    return [hit for _, hit in sorted(hits.values(), key=lambda each: each[0])][:limit]


def _people(workspace: Workspace, words: Sequence[Word], ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """The contacts that were found by more than sharing an account with another word's find."""
    contacts = Contact.objects.filter(workspace=workspace, pk__in=list(ids))
    found = {}
    for contact in contacts.only("pk", "first_name", "last_name", "email", "title", "account_id"):
        own = [*normalise_name(contact.name).split(), contact.email, contact.email.partition("@")[2]]
        if any(_finds(word, own) for word in words):
            found[contact.pk] = contact
    return found


def _finds(word: Word, own: Sequence[str]) -> bool:
    return any(each.startswith(word.typed) or each in word.spellings for each in own if each)


def _detail(person: Contact | None) -> str:
    return (person.title or person.email) if person else ""


def _rank(hit: Hit, wanted: str) -> tuple[int, int, str]:
    """Whole names first, then names that begin so, then the rest; shorter ones before longer ones."""
    name = normalise_name(hit.title)
    place = 0 if name == wanted else 1 if name.startswith(wanted) else 2 if f" {wanted}" in f" {name}" else 3
    return place, len(name), name


def _spelt(workspace: Workspace, words: Sequence[Word]) -> list[Word]:
    """The words with what they may be slips of; empty when there is nothing near any of them."""
    spelt = [Word(word.typed, tuple(_spellings(workspace, word.typed))) for word in words]
    return spelt if any(word.spellings for word in spelt) else []


def _spellings(workspace: Workspace, typed: str) -> list[str]:
    """Known words one slip away from what was typed, or from their beginning, the nearest first."""
    if not 3 <= len(typed) <= 40:
        return []
    shortened = {typed[:index] + typed[index + 1 :] for index in range(len(typed))} | {typed}
    variants = SearchVariant.objects.filter(workspace=workspace)
    found = set(variants.filter(variant__in=shortened).values_list("word", flat=True)[:NEAR])
    if len(typed) >= 5:
        # Somebody who is still typing has made the slip in the beginning of a longer word.
        begun = reduce(or_, (Q(variant__gte=each, variant__lt=each + LAST) for each in sorted(shortened)))
        found |= set(variants.filter(begun).values_list("word", flat=True)[:NEAR])
    near = {word: _distance(typed, word) for word in found}
    kept = [word for word, distance in near.items() if distance <= 1 and word != typed]
    return sorted(kept, key=lambda word: (near[word], abs(len(word) - len(typed)), word))[:SPELLINGS]


def _distance(typed: str, word: str) -> int:
    """Letters left out, added, changed or swapped to get from one to the other, or to a beginning of it."""
    ends = {len(word), *range(len(typed) - 1, len(typed) + 2)}
    return min(OSA.distance(typed, word[:end]) for end in ends if end <= len(word))
