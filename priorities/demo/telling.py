"""What the texts of one account may speak of: people, figures and dates, as a scene's facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from accounts.models import Contact, Module
from csworkbench.tenancy.models import Member

from .books import Plan, Setting, names
from .contracts import Contract
from .days import spoken
from .layout import TERM
from .wording import Episode, Opening, Scene, Wording


@dataclass
class News:
    """The episode that an account is in the middle of, with the words it is told in."""

    episode: Episode
    contact: Contact
    scene: Scene


@dataclass
class Subject:
    """One account as its stories know it; ``previous`` looked after it until ``handed_over`` days ago."""

    setting: Setting
    wording: Wording
    plan: Plan
    contacts: Sequence[Contact]
    contract: Contract
    previous: Member | None = None
    handed_over: int = 0
    # Texts and episodes already told on this account, so that its page does not repeat itself.
    told: set[str] = field(default_factory=set)
    # The latest news, decided with the health that it explains.
    news: News | None = None

    @property
    def owner(self) -> Member:
        return self.plan.seat.csm

    def csm(self, ago: int) -> Member:
        """Who looked after the account some days ago."""
        return self.previous if self.previous is not None and ago > self.handed_over else self.owner

    def contact_for(self, area: str, rng: Random) -> Contact:
        """Whom an episode concerns: the contact of its area, the decision maker, or the main one."""
        if area == "decider":
            fitting = [contact for contact in self.contacts if contact.is_decision_maker]
        else:
            fitting = [contact for contact in self.contacts if area and area in contact.areas]
        return rng.choice(fitting) if fitting else self.contacts[0]

    def suits(self, text: Episode | Opening) -> bool:
        """Whether an episode or opening makes sense for an account of this size."""
        return text.fit.suits(self.contract.users, self.contract.products, self.plan.seat.is_head)

    def choose(self, rng: Random, occasion: str) -> Episode:
        """An episode of an occasion that this account has not seen, if there is one left."""
        pool = [one for one in self.wording.episodes[occasion] if self.suits(one)]
        episode = rng.choice([one for one in pool if one.key not in self.told] or pool)
        self.told.add(episode.key)
        return episode

    def scene(self, rng: Random, contact: Contact, ago: int) -> Scene:
        """A new scene around a contact, ``ago`` days back."""
        return Scene(rng, self.wording, self._people(rng, contact, ago) | self._figures(rng) | self.dates(ago))

    def fresh(self, rng: Random, texts: Sequence[str]) -> str:
        """One of the texts, one not yet told here if there is any."""
        unused = [text for text in texts if text not in self.told]
        text = rng.choice(unused or list(texts))
        self.told.add(text)
        return text

    def decide_news(self, rng: Random) -> None:
        """Choose the episode that explains the health, for the stories that have one."""
        if self.plan.seat.story.ending in ("trouble", "unpaid"):
            episode = self.choose(rng, self.plan.seat.story.ending)
            contact = self.contact_for(episode.area, rng)
            self.news = News(episode, contact, self.scene(rng, contact, 1))

    def _people(self, rng: Random, contact: Contact, ago: int) -> dict[str, str]:
        others = [one.first_name for one in self.contacts if one is not contact]
        strangers = [name for name in names()["first"] if name != contact.first_name]
        lead = self.owner.lead or self.owner
        rsm = self.plan.account.rsm or self.owner
        return {
            "first": contact.first_name,
            "full": contact.name,
            "other": rng.choice(others if others and rng.random() < 0.8 else strangers),
            "csm": self.csm(ago).name.split()[0],
            "previous": self.previous.name if self.previous else "my colleague",
            "lead": lead.name.split()[0],
            "rsm": rsm.name.split()[0],
            "finance": self.setting.member_of("finance").name.split()[0],
        }

    def _figures(self, rng: Random) -> dict[str, str]:
        modules: list[Module] = self.contract.modules
        contract, plan = self.contract, self.plan
        return {
            "vendor": self.setting.workspace.name.split()[0],
            "account": plan.account.name,
            "short": plan.short,
            "town": plan.seat.town or rng.choice(names()["town"]),
            "product": rng.choice(contract.subscriptions).product.name,
            "module": rng.choice(modules).name if modules else contract.subscriptions[0].product.name,
            "users": str(contract.users),
            "active": str(contract.active),
            "unused": str(max(contract.users - contract.active, 2)),
        }

    def dates(self, ago: int) -> dict[str, str]:
        days, renews_in = self.setting.days, self.plan.seat.renews_in
        then = days.workday(ago)
        # The next renewal as seen from that day.
        ahead = renews_in + ago - TERM * max((renews_in + ago - 1) // TERM, 0)
        return {
            "weekday": f"{_coming_workday(then):%A}",
            "month": f"{then + timedelta(days=30):%B}",
            "month_back": f"{then - timedelta(days=30):%B}",
            "last_use": spoken(days.ago(self.contract.used)),
            "renewal": spoken(days.ago(-renews_in)),
            "anniversary": spoken(days.ago(ago - ahead)),
        }


def _coming_workday(day: date) -> date:
    """Two days on, or Monday."""
    later = day + timedelta(days=2)
    return later if later.weekday() < 5 else later + timedelta(days=7 - later.weekday())


def explain_health(subject: Subject, rng: Random) -> str:
    """One line that says why health is what it is."""
    if subject.news is not None:
        return subject.news.scene.tell(subject.news.episode.reason)[:200]
    account, story, renews_in = subject.plan.account, subject.plan.seat.story, subject.plan.seat.renews_in
    key = "left" if story.key == "leaderless" else story.key
    if account.health == "undefined" and key not in ("new", "left", "churned"):
        return ""
    if account.health == "green" and key != "new":
        key = "green"
    elif key in ("quiet", "half") and 0 < renews_in <= 100:
        key = "yellow_renewal"
    elif key == "quiet":
        key = "yellow"
    scene = subject.scene(rng, subject.contacts[0], 1)
    if subject.contract.last_module is not None:
        scene.known["module"] = subject.contract.last_module.name
    return scene.tell(rng.choice(subject.wording.reasons[key]))[:200]
