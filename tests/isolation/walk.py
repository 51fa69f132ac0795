"""The walk: every address × every visitor × another workspace's identifiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tests.architecture.addresses import Address

from .hypertext import Form, Page
from .requests import ANONYMOUS, Answer, Ask, Browser, Visitor, leaks
from .world import UUID_TEXT, Side

# What a parameter of an address names, by its name alone or with its namespace. One without an entry fails the build.
BUILDERS: dict[str, str] = {
    "account": "accounts.account",
    "action": "accounts.planaction",
    "candidate": "accounts.candidate",
    "contact": "accounts.contact",
    "copy": "accounts.answers",
    "difference": "accounts.difference",
    "entry": "accounts.interaction",
    "drop": "accounts.usagedrop",
    "field": "accounts.customfield",
    "goal": "accounts.onboardinggoal",
    "goal_template": "accounts.goaltemplate",
    "holiday": "tenancy.holiday",
    "imports:pk": "imports.import",
    "invitation": "tenancy.invitation",
    "mail": "tenancy.outgoingmail",
    "member": "tenancy.member",
    "offer": "accounts.offer",
    "onboarding": "accounts.onboarding",
    "opportunity": "accounts.opportunity",
    "plan": "accounts.plan",
    "plan_goal": "accounts.plangoal",
    "outcome": "accounts.renewaloutcome",
    "playbook": "playbooks.playbook",
    "questionnaire": "accounts.questionnaire",
    "scorecard": "accounts.scorecard",
    "subscription": "accounts.subscription",
    "subtype": "accounts.subtype",
    "task": "playbooks.task",
    "token": "integrations.apitoken",
}
# Parameters that name something of the product, the same in every workspace.
CONSTANTS: dict[str, tuple[str, str]] = {"imports:kind": ("book", "a kind of import is registered, not a row")}
# Addresses whose page needs a row in its query.
QUERIES: dict[str, dict[str, str]] = {"priorities:add_task": {"account": "accounts.account"}}
# Addresses outside every workspace, and why nothing of a workspace stands there.
OUTSIDE: dict[str, str] = {
    "healthz": "the process answers",
    "readyz": "the database answers",
    "entrance:home": "leads to a workspace of the user",
    "entrance:workspaces": "lists the user's own memberships",
    "entrance:join": "an invitation, by the secret that was mailed",
    "entrance:theme": "light or dark, in a cookie",
    "usage_api:receive": "a token of the workspace in the address, see tests/csworkbench/integrations",
    "usage_api:report": "the same",
}
SIGNING_IN = "auth/"
REFUSALS = frozenset({403, 405})


def without_builder(addresses: Iterable[Address]) -> list[str]:
    """Parameters nobody told the walk how to fill, and addresses that are neither a workspace's nor explained."""
    found = []
    for address in addresses:
        if address.is_workspace_page:
            if not address.route.startswith("w/<slug:workspace>/"):
                found.append(f"{address.name}: {address.route} does not start with its workspace")
            found += [
                f"{address.name}: <{converter}:{name}>"
                for name, converter in address.parameters
                if (name, converter) != ("workspace", "slug")
                and f"{address.namespace}:{name}" not in CONSTANTS
                and not (converter == "uuid" and label_of(address, name))
            ]
        elif address.name not in OUTSIDE and not address.route.startswith(SIGNING_IN):
            found.append(f"{address.name}: {address.route} belongs to no workspace and has no reason")
    return found


def label_of(address: Address, key: str) -> str:
    return BUILDERS.get(f"{address.namespace}:{key}") or BUILDERS.get(key, "")


def values(side: Side, address: Address, number: int) -> dict[str, object]:
    """The parameters of an address for a side: keys of rows, and what is the same for everybody."""
    constant = {key: CONSTANTS.get(f"{address.namespace}:{key}", ("", ""))[0] for key in address.keys}
    return {key: constant[key] or side.pick(label_of(address, key), number).pk for key in address.keys}


def row_keys(address: Address) -> list[str]:
    return [key for key in address.keys if label_of(address, key)]


def query(side: Side, address: Address, number: int) -> dict[str, str]:
    return {name: str(side.pick(label, number).pk) for name, label in QUERIES.get(address.name, {}).items()}


def beside(identifier: object) -> str:
    """An identifier that no row has, next to one that a row has: it sorts and looks alike."""
    text = str(identifier)
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@dataclass
class Walk:
    """Collects what should not have been, over any set of addresses."""

    own: Side
    foreign: Side
    visitors: Sequence[Visitor]
    addresses: Sequence[Address]
    findings: list[str] = field(default_factory=list)
    forms: dict[tuple[str, frozenset[str]], tuple[Visitor, str, Form]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    takes_posts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.browser = Browser(self.own, self.foreign)

    def ask(self, ask: Ask, *, keep_rows: bool = False) -> Answer:
        answer = self.browser.ask(ask, keep_rows=keep_rows)
        self.findings += leaks(ask, answer, self.foreign)
        return answer

    # -- The own workspace's pages: nothing foreign on them, and what they offer is remembered.

    def own_pages(self, *visitors: Visitor) -> None:
        """Every address with the visitor's own identifiers; forms on the pages are remembered."""
        for address in self.addresses:
            for visitor in visitors or self.visitors:
                ask = self.own_page(address, visitor)
                answer = self.ask(ask)
                self._remember(ask, answer)
                if answer.status not in {404, *REFUSALS}:
                    self.reached.add(address.name)

    def own_posts(self, visitor: Visitor) -> None:
        """Every address posted to with nothing; those that do something must be a form of a page."""
        for address in self.addresses:
            ask = replace(self.own_page(address, visitor), method="POST")
            answer = self.ask(ask)
            if answer.status != 405:
                self.reached.add(address.name)
                self.takes_posts.add(shape_of(ask.path))

    def own_page(self, address: Address, visitor: Visitor) -> Ask:
        path = address.path(workspace=self.own.slug, **values(self.own, address, visitor.number))
        return Ask(visitor, "GET", path, query(self.own, address, visitor.number))

    def fragments(self, visitor: Visitor) -> None:
        """The same for htmx, which gets a part of the page or a page of its own."""
        for address in self.addresses:
            ask = replace(self.own_page(address, visitor), htmx=True)
            self._remember(ask, self.ask(ask))

    def _remember(self, ask: Ask, answer: Answer) -> None:
        self.pages[str(ask)] = comparable(self.own, answer)
        if answer.status != 200:
            return
        for form in Page(answer.text).forms:
            target = form.action or ask.path
            if form.can_be_sent and form.method == "post" and target.startswith(f"/w/{self.own.slug}/"):
                self.forms.setdefault((shape_of(target), frozenset(form.fields)), (ask.who, target, form))

    def differences(self, earlier: dict[str, str]) -> list[str]:
        """Pages that read otherwise than when the own workspace was alone: a count or a sum counts too much.

        The order of equals may change with the plan of a query, so lines are compared, not their order.
        """
        found = []
        for ask in sorted(self.pages.keys() & earlier.keys()):
            now, then = Counter(self.pages[ask].splitlines()), Counter(earlier[ask].splitlines())
            if now != then:
                found.append(f"{ask}: {[*(now - then)][:2]} instead of {[*(then - now)][:2]}")
        return found

    # -- The other workspace's address, and its identifiers at the own address.

    def strangers(self, *methods: str) -> None:
        """The other workspace's slug: 404 for members of another one, whether the page exists or not."""
        for address in self.addresses:
            for visitor in self.visitors:
                path = address.path(workspace=self.foreign.slug, **values(self.foreign, address, visitor.number))
                for method in methods:
                    self._expect(Ask(visitor, method, path), 404)

    def outside(self) -> None:
        """Nobody: every address of every workspace leads to the door."""
        for address in self.addresses:
            for side in (self.own, self.foreign):
                path = address.path(workspace=side.slug, **values(side, address, 0))
                for method, htmx, status in (("GET", False, 302), ("POST", False, 302), ("GET", True, 200)):
                    ask = Ask(ANONYMOUS, method, path, htmx=htmx)
                    answer = self._expect(ask, status)
                    if self.own.word in answer.lowered or "/auth/login/?next=" not in answer.text:
                        self.findings.append(f"{ask}: not led to the door")

    def identities(self, *, compare: bool = True) -> None:
        """Foreign identifiers at the own address: 404, and the same bytes as for one that does not exist.

        Who may not use an address at all is refused before any row is looked for; then the refusal must be the same
        for the visitor's own rows.
        """
        for address in self.addresses:
            for keys in places(row_keys(address)):
                for method in ("GET", "POST"):
                    wrong_verbs = 0
                    for visitor in self.visitors:
                        # A verb that an address does not take is refused before anybody's role is asked for.
                        if wrong_verbs < 2:
                            wrong_verbs += self._identity(address, keys, visitor, method, compare) == 405

    def _identity(self, address: Address, keys: Sequence[str], visitor: Visitor, method: str, compare: bool) -> int:
        theirs = values(self.foreign, address, visitor.number)
        foreign = values(self.own, address, visitor.number) | {key: theirs[key] for key in keys}
        ask = Ask(visitor, method, address.path(workspace=self.own.slug, **foreign))
        answer = self._expect(ask, 404, or_as=replace(self.own_page(address, visitor), method=method))
        if compare:
            absent = foreign | {key: beside(foreign[key]) for key in keys}
            self._compare(ask, answer, address, foreign, absent)
        return answer.status

    def _compare(
        self, ask: Ask, answer: Answer, address: Address, foreign: dict[str, object], absent: dict[str, object]
    ) -> None:
        nothing = self.browser.ask(replace(ask, path=address.path(workspace=self.own.slug, **absent)))
        if answer.like(*map(str, foreign.values())) != nothing.like(*map(str, absent.values())):
            self.findings.append(f"{ask}: answers otherwise than for an absent row ({answer.status}, {nothing.status})")

    def _expect(self, ask: Ask, status: int, or_as: Ask | None = None) -> Answer:
        answer = self.ask(ask)
        if answer.status == status:
            return answer
        if or_as is None or answer.status not in REFUSALS or self.browser.ask(or_as).status != answer.status:
            self.findings.append(f"{ask}: {answer.status}, not {status}")
        return answer

    def never_found(self) -> list[str]:
        """Addresses that even the own workspace's identifiers do not reach: the walk would prove nothing there."""
        return sorted({address.name for address in self.addresses} - self.reached)

    def without_form(self) -> list[str]:
        """Addresses that take a POST and stand in no form of the pages seen: their bodies went unpoisoned."""
        return sorted(self.takes_posts - {name for name, _ in self.forms})


def comparable(own: Side, answer: Answer, *mine: str) -> str:
    """An answer without what differs each time: tokens, and identifiers made for one form."""
    status, text = answer.like(*mine)
    return f"{status} {without_new(own, text)}"


def without_new(own: Side, text: str) -> str:
    return UUID_TEXT.sub(lambda found: found[0] if found[0].lower() in own.ids else "…", text)


def shape_of(path: str) -> str:
    """A path without its identifiers, so that the same form of two rows counts once."""
    return UUID_TEXT.sub("…", path)


def places(keys: Sequence[str]) -> list[tuple[str, ...]]:
    """Each parameter alone, and all together."""
    return [*((key,) for key in keys), *([tuple(keys)] if len(keys) > 1 else [])]
