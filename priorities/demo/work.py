"""What lies on the desks: notes in each writer's voice, and the open tasks of every CSM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from accounts.models import Interaction, Note
from csworkbench.tenancy.models import Member
from playbooks.models import Task

from .chronicle import WINDOW, tell_step
from .days import spoken
from .telling import Subject
from .wording import Opening

NOTES = {1: (4, 8), 2: (2, 6), 3: (1, 4)}
OWN_VOICE = 0.8
SPEECHLESS = ("silent", "stalled", "leaderless")  # nobody there to say what they want
RENEWAL_NOTE = 120  # days before the renewal
RECENT = 30  # days: later than the last word of an account that left
OPEN_TASKS = (4, 6)
FRESH = 3  # of these at least that have nothing to do with a story
# How likely an account with this story brings a task of its own: nobody may overlook a missing contact.
STORY_TASKS = {"leaderless": 1.0, "troubled": 0.3, "unpaid": 0.15, "stalled": 0.4}
SNOOZED, HANDED = 0.09, 0.05
# Due days from today by severity: urgent, normal, minor.
DUE = {1: (-1, 1), 2: (-4, 9), 3: (2, 18)}
BROUGHT = {1: (0, 1), 2: (1, 7), 3: (2, 12)}


def write_notes(subject: Subject) -> list[Note]:
    """The notes on one account: about anything early on, about its story lately."""
    seat = subject.plan.seat
    rng = subject.setting.rng(seat.index, "notes")
    begin = min(seat.age, WINDOW)
    low, high = NOTES[seat.tier]
    count = max(round(rng.randint(low, high) * max(begin, 200) / WINDOW), 1)
    early = count if begin > RECENT and seat.story.key != "stalled" else 0
    notes = [_note(subject, rng, "any", rng.randint(RECENT, begin)) for _ in range(early)]
    if rng.random() < 0.85:
        notes.append(_note(subject, rng, seat.story.remarks, rng.randint(1, min(RECENT, begin))))
    if 0 < seat.renews_in <= RENEWAL_NOTE and seat.story.key not in SPEECHLESS and rng.random() < 0.6:
        notes.append(_note(subject, rng, "renewal", rng.randint(1, min(24, begin))))
    return notes


def _note(subject: Subject, rng: Random, occasion: str, ago: int) -> Note:
    author = subject.csm(ago)
    voice = "terse" if sum(map(ord, author.name)) % 2 else "plain"
    if rng.random() > OWN_VOICE:
        voice = "plain" if voice == "terse" else "terse"
    scene = subject.scene(rng, subject.contacts[0], ago)
    day = subject.setting.days.workday(ago)
    return Note(
        workspace=subject.setting.workspace,
        account=subject.plan.account,
        author=author,
        written_on=day,
        initials=author.initials,
        text=scene.tell(subject.fresh(rng, subject.wording.notes[voice][occasion])),
        created_at=subject.setting.days.office_hour(rng, day),
    )


def open_work(subjects: Sequence[Subject]) -> tuple[list[Interaction], list[Task]]:
    """Four to six or so open tasks for every CSM, besides what the playbooks will add, with what brought them."""
    interactions: list[Interaction] = []
    tasks: list[Task] = []
    desks: dict[str, list[Subject]] = {}
    for subject in subjects:
        desks.setdefault(subject.owner.name, []).append(subject)
    spare: list[Opening] = []
    for name, book in desks.items():
        rng = subjects[0].setting.rng(name, "desk")
        chosen = _of_stories(rng, book)
        wanted = rng.randint(*OPEN_TASKS)
        calm = [each for each in book if each.plan.seat.story.key in ("thriving", "steady", "quiet", "new")]
        rng.shuffle(calm)
        for subject in calm[: max(wanted - len(chosen), FRESH)]:
            # The same request does not come in twice before every other one has.
            spare = spare or rng.sample(subject.wording.openings["any"], len(subject.wording.openings["any"]))
            chosen.append((subject, spare.pop(_fitting(subject, spare))))
        for subject, opening in chosen:
            _open(rng, subject, opening, interactions, tasks)
    return interactions, tasks


def _of_stories(rng: Random, book: Sequence[Subject]) -> list[tuple[Subject, Opening]]:
    chosen = []
    for subject in book:
        story = subject.plan.seat.story
        if rng.random() < STORY_TASKS.get(story.key, 0):
            chosen.append((subject, rng.choice(subject.wording.openings[story.ending])))
    return chosen


def _fitting(subject: Subject, spare: Sequence[Opening]) -> int:
    """Onboarding work goes to new accounts only, idle seats are a matter of those that have some."""
    is_new = subject.plan.seat.story.key == "new"
    has_idle = subject.contract.users > subject.contract.active + 2
    for place in range(len(spare) - 1, -1, -1):
        opening = spare[place]
        if (
            subject.suits(opening)
            and (opening.task["kind"] == Task.Kind.ONBOARDING) <= is_new
            and ("{unused}" in opening.task["title"]) <= has_idle
        ):
            return place
    return len(spare) - 1


def _open(rng: Random, subject: Subject, opening: Opening, interactions: list[Interaction], tasks: list[Task]) -> None:
    days, data = subject.setting.days, opening.task
    severity = data.get("severity", 2)
    ago = min(rng.randint(*BROUGHT[severity]), subject.plan.seat.age)
    contact = subject.contact_for(opening.area, rng)
    scene = subject.scene(rng, contact, ago)
    if subject.news is not None:
        scene.known["module"] = subject.news.scene.known["module"]
    created = (
        days.now - timedelta(minutes=rng.randint(25, 200)) if ago == 0 else days.office_hour(rng, days.workday(ago))
    )
    if opening.step is not None:
        brought = tell_step(subject, scene, opening.step, contact, ago)
        brought.happened_at = created
        interactions.append(brought)
    task = Task(
        workspace=subject.setting.workspace,
        account=subject.plan.account,
        title=scene.tell(data["title"])[:200],
        details=scene.tell(data.get("details", "")),
        kind=data["kind"],
        source="inbound" if opening.step is not None and opening.step.direction == "in" else "self",
        severity=severity,
        due_on=days.coming_workday(rng.randint(*DUE[severity])),
        created_at=created,
        created_by=subject.owner,
    )
    _set_aside(rng, subject, task)
    tasks.append(task)


def _set_aside(rng: Random, subject: Subject, task: Task) -> None:
    """A few tasks sleep, a few were handed to a colleague of the same team."""
    fate = rng.random()
    if fate < SNOOZED and task.severity != Task.Severity.URGENT:
        task.snoozed_until = subject.setting.days.coming_workday(rng.randint(2, 9))
        scene = subject.scene(rng, subject.contacts[0], 0)
        task.snooze_reason = scene.tell(rng.choice(subject.wording.snoozes))[:200]
    elif fate > 1 - HANDED:
        team: list[Member] = [
            member
            for member in subject.setting.members.values()
            if member.lead_id == subject.owner.lead_id and member.lead_id and member != subject.owner
        ]
        if team:
            task.assignee = rng.choice(team)
            task.details += f" (Handed over by {subject.owner.name} on {spoken(subject.setting.days.today)}.)"
