"""Two years of interactions with one account, told as episodes, and the tasks that were done along the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from accounts.models import Contact, Interaction
from csworkbench.tenancy.models import Member
from playbooks.models import Task

from .layout import TERM
from .telling import News, Subject
from .wording import Episode, Scene, Step

WINDOW = 730  # days told
COUNTS = {1: (26, 40), 2: (18, 30), 3: (12, 21)}
FEWEST = 3
# Renewal talks begin so many days before the day, and are over by it.
RENEWAL_LEAD = (62, 86)
RENEWAL_AHEAD = 100
ATTEMPTS = (2, 5)


@dataclass
class Chronicle:
    """The unsaved rows of one account, oldest first within each episode."""

    interactions: list[Interaction] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


def chronicle(subject: Subject) -> Chronicle:
    """Everything that happened with one account so far; nothing lies in the future."""
    return _Teller(subject).tell_all()


class _Teller:
    """Places episodes on the time line of one account. Days are counted back from today."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.seat = subject.plan.seat
        self.rng: Random = subject.setting.rng(self.seat.index, "chronicle")
        self.begin = min(self.seat.age, WINDOW)
        self.latest = min(self.rng.randint(*self.seat.story.answered), max(self.begin - 1, 1))
        # Ordinary life ends here: what comes later belongs to the ending. A new account has only its first weeks.
        self.floor = 0 if self.seat.story.key == "new" else self.latest
        self.result = Chronicle()

    def tell_all(self) -> Chronicle:
        self._tell_ending()
        self._tell_start()
        self._tell_renewals()
        self._tell_handover()
        self._fill()
        return self.result

    def _tell_ending(self) -> None:
        """The latest news, as the story has it."""
        ending = self.seat.story.ending
        if ending == "unanswered":
            span = max(min(self.latest - 4, 34), 4)
            for _ in range(self.rng.randint(*ATTEMPTS)):
                self._place(self._pick(ending), self.rng.randint(2, span))
            self._place_last(self._pick("review"))
        elif ending:
            latest = self.latest if ending != "stalled" else self.rng.randint(2, 8)
            news = self.subject.news
            episode = news.episode if news else self._pick(ending)
            start = min(latest + episode.days, self.begin)
            self._place(episode, start, news)
            self.floor = self.latest = start + self.rng.randint(3, 25)
            if ending != "stalled":
                self._place_last(self._pick("review"))
        elif 0 < self.seat.renews_in <= RENEWAL_AHEAD and self.rng.random() < 0.8:
            self._place_last(self._pick("renewal_ahead"))
        elif self.seat.story.age is None:
            self._place_last(self._pick("review"))

    def _tell_start(self) -> None:
        """The first weeks, when they lie within the window; what is still to come is not told."""
        if self.seat.age > WINDOW or self.seat.story.key == "stalled":
            return
        day = self.begin
        for place, episode in enumerate(self.subject.wording.episodes["start"]):
            if not self.subject.suits(episode) or (place and self.rng.random() < 0.25):
                continue
            start = day - 30 if episode.key == "day-thirty" else day - place * 4
            if start - episode.days > self.floor:
                self._place(episode, start)
                self.subject.told.add(episode.key)

    def _tell_renewals(self) -> None:
        """Every renewal that was concluded within the window."""
        day = -self.seat.renews_in % TERM
        while day <= min(self.begin - 90, WINDOW - 90):
            episode = self._pick("renewal")
            start = day + self.rng.randint(*RENEWAL_LEAD)
            if start - episode.days > self.floor:
                self._place(episode, start)
            day += TERM

    def _tell_handover(self) -> None:
        if self.subject.previous is not None and self.subject.handed_over - 7 > self.floor:
            self._place(self._pick("handover"), self.subject.handed_over)

    def _fill(self) -> None:
        """Ordinary life in between, up to the number of interactions an account of this tier has."""
        target = max(round(self.rng.randint(*COUNTS[self.seat.tier]) * self.begin / WINDOW), FEWEST)
        missing = target - len(self.result.interactions)
        episodes: list[Episode] = []
        while missing > 0:
            episode = self._pick(self._occasion())
            episodes.append(episode)
            missing -= len(episode.steps)
        for place, episode in enumerate(episodes):
            low, high = self.floor + episode.days + 1, self.begin - 8
            if high > low:
                share = (place + self.rng.random()) / len(episodes)
                self._place(episode, low + int((high - low) * share))

    def _occasion(self) -> str:
        growing = 30 if self.seat.story.key == "thriving" else 7
        return self.rng.choices(("ordinary", "review", "growth"), (62, 30, growing))[0]

    def _pick(self, occasion: str) -> Episode:
        return self.subject.choose(self.rng, occasion)

    def _place_last(self, episode: Episode) -> None:
        """Place an episode so that it ends on the day of the latest answer."""
        start = self.latest + episode.days
        if start < self.begin:
            self._place(episode, start)
            self.floor = self.latest + episode.days

    def _place(self, episode: Episode, start: int, news: News | None = None) -> None:
        contact = news.contact if news else self.subject.contact_for(episode.area, self.rng)
        scene = news.scene if news else self.subject.scene(self.rng, contact, start)
        scene.known |= self.subject.dates(start)
        moment: datetime | None = None
        first: Interaction | None = None
        for step in episode.steps:
            ago = start - step.day
            if ago < 1:
                break
            told = tell_step(self.subject, scene, step, contact, ago, after=moment)
            moment, first = told.happened_at, first or told
            self.result.interactions.append(told)
        else:
            if episode.task is not None and first is not None and moment is not None and self.rng.random() < 0.85:
                self.result.tasks.append(self._done(episode, scene, start, first.happened_at, moment))

    def _done(self, episode: Episode, scene: Scene, start: int, opened: datetime, closed: datetime) -> Task:
        """The task of an episode that is over."""
        data = episode.task or {}
        csm = self.subject.csm(start)
        return Task(
            workspace=self.subject.setting.workspace,
            account=self.subject.plan.account,
            title=scene.tell(data["title"])[:200],
            kind=data["kind"],
            source=data["source"],
            severity=data.get("severity", Task.Severity.NORMAL),
            due_on=opened.date() + timedelta(days=self.rng.randint(2, 12)),
            state=Task.State.DONE,
            outcome=data["outcome"],
            outcome_note=scene.tell(data["note"]),
            created_at=opened,
            created_by=csm,
            closed_at=min(closed + timedelta(minutes=self.rng.randint(5, 240)), self.subject.setting.days.now),
            closed_by=csm,
            closed_because="",
        )


def tell_step(
    subject: Subject, scene: Scene, step: Step, contact: Contact, ago: int, *, after: datetime | None = None
) -> Interaction:
    """One step of a scene as an interaction ``ago`` days back, later than ``after``."""
    days, rng = subject.setting.days, scene.rng
    moment = days.office_hour(rng, days.workday(ago))
    # Drawn in any case: whether two days fall on one Friday must not change what is drawn next.
    pause = timedelta(minutes=rng.randint(9, 75))
    if after is not None and moment <= after:
        moment = min(after + pause, days.now)
    author: Member = subject.csm(ago)
    subject_line = scene.tell(step.subject)
    return Interaction(
        workspace=subject.setting.workspace,
        account=subject.plan.account,
        contact=contact,
        author=author,
        kind=step.kind,
        direction=step.direction,
        answered=step.answered,
        subject=subject_line[:200],
        body=scene.tell(subject.fresh(rng, step.bodies)),
        happened_at=moment,
    )
