"""Named writes of questionnaires: versions of a template, and the copies that accounts get of them (ACC-8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max

from accounts.custom import key_for
from accounts.models import Account, Answers, Questionnaire
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace

from .definitions import Sections, as_data, parse_sections, questions_of, validate_sections, where
from .merging import Entry, Given, Merged, merge, refreshed, taken_over, tally
from .prefilling import cannot_fill, prefill_accounts

MAX_NAME, MAX_DESCRIPTION = 120, 300
State = Questionnaire.State


class Closed(Exception):
    """A copy that takes no answers: it is completed, or a newer one took its place."""


# -- Versions


def create_questionnaire(*, actor: Member, name: str, kind: str, description: str = "") -> Questionnaire:
    """A new questionnaire as an empty draft; ValidationError by field of the form."""
    workspace = actor.workspace
    said = _checked_name(name)
    if kind not in Questionnaire.Kind.values:
        raise ValidationError({"kind": "Choose what it is for."})
    with transaction.atomic():
        _hold(workspace)
        taken = set(Questionnaire.objects.filter(workspace=workspace).values_list("key", flat=True))
        return Questionnaire.objects.create(
            workspace=workspace,
            key=key_for(said, taken),
            name=said,
            kind=kind,
            description=description.strip()[:MAX_DESCRIPTION],
            author=actor,
            changed_at=clock.now(),
        )


def _checked_name(name: str) -> str:
    said = " ".join(name.replace("\0", "").split())
    if not said:
        raise ValidationError({"name": "Write what it is called."})
    if len(said) > MAX_NAME:
        raise ValidationError({"name": f"At most {MAX_NAME} characters fit."})
    return said


def _hold(workspace: Workspace) -> None:
    """Who makes or publishes a version meanwhile waits for us."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def save_draft(*, actor: Member, draft: Questionnaire, name: str, description: str, sections: Sections) -> bool:
    """Write a draft; it may lack what it needs to be published. Returns whether anything changed.

    ValidationError with one sentence per problem for what cannot be kept. A version that is no draft any more stays.
    """
    said, told = _checked_name(name), " ".join(description.replace("\0", "").split())
    if len(told) > MAX_DESCRIPTION:
        raise ValidationError({"description": f"At most {MAX_DESCRIPTION} characters fit."})
    data = as_data(sections)
    problems = validate_sections(data, draft=True)
    if problems:
        raise ValidationError([where(each, sections) for each in problems])
    if (said, told, data) == (draft.name, draft.description, draft.sections):
        return False
    changes = {"name": said, "description": told, "sections": data, "author": actor, "changed_at": clock.now()}
    mine = Questionnaire.objects.filter(workspace=actor.workspace, pk=draft.pk, state=State.DRAFT)
    return bool(mine.update(**changes))


def missing_to_publish(draft: Questionnaire) -> list[str]:
    """What a draft still needs, one sentence each; empty when it may be published."""
    sections = parse_sections(draft.sections)
    return [where(each, sections) for each in validate_sections(draft.sections, prefill=cannot_fill)]


def publish_questionnaire(*, actor: Member, draft: Questionnaire) -> bool:
    """Make a draft the version that new copies start from; the one before is retired. Returns whether it was a draft.

    ValidationError with one sentence per problem while something is missing. Published versions never change.
    """
    with transaction.atomic():
        _hold(actor.workspace)
        found = Questionnaire.objects.filter(workspace=actor.workspace, pk=draft.pk, state=State.DRAFT).first()
        if found is None:
            return False
        problems = missing_to_publish(found)
        if problems:
            raise ValidationError(problems)
        now = clock.now()
        before = Questionnaire.objects.filter(workspace=actor.workspace, key=found.key, state=State.PUBLISHED)
        before.update(state=State.RETIRED, changed_at=now)
        found.state, found.author, found.published_at, found.changed_at = State.PUBLISHED, actor, now, now
        found.save(update_fields=["state", "author", "published_at", "changed_at"])
    return True


def draft_next_version(*, actor: Member, version: Questionnaire) -> Questionnaire:
    """The draft of a questionnaire: the one there is, or a new one that starts as the given version."""
    with transaction.atomic():
        _hold(actor.workspace)
        versions = Questionnaire.objects.filter(workspace=actor.workspace, key=version.key)
        draft = versions.filter(state=State.DRAFT).first()
        if draft is not None:
            return draft
        return Questionnaire.objects.create(
            workspace=actor.workspace,
            key=version.key,
            number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
            name=version.name,
            kind=version.kind,
            description=version.description,
            sections=version.sections,
            author=actor,
            changed_at=clock.now(),
        )


def retire_questionnaire(*, actor: Member, version: Questionnaire) -> bool:
    """Start no more copies of a published version; copies stay. Returns whether it was published."""
    mine = Questionnaire.objects.filter(workspace=actor.workspace, pk=version.pk, state=State.PUBLISHED)
    return bool(mine.update(state=State.RETIRED, changed_at=clock.now()))


def discard_draft(*, actor: Member, draft: Questionnaire) -> bool:
    """Throw a draft away. Returns whether it was one; a version that has copies stays, whatever its state."""
    copies = Answers.objects.filter(workspace=actor.workspace, questionnaire=draft.pk)
    mine = Questionnaire.objects.filter(~Exists(copies), workspace=actor.workspace, pk=draft.pk, state=State.DRAFT)
    return bool(mine.delete()[0])


# -- Copies


def start_copy(*, actor: Member, account: Account, questionnaire: Questionnaire) -> Answers:
    """The account's copy of a published questionnaire: the one there is, or a new one, prefilled.

    ValidationError when the version is not published. Started twice at once, it is one copy.
    """
    if questionnaire.state != State.PUBLISHED:
        raise ValidationError(f"{questionnaire.name} {questionnaire.number} is not published: no copy starts from it.")
    workspace = actor.workspace
    current = Answers.objects.filter(workspace=workspace, account=account, key=questionnaire.key, is_current=True)
    found = current.first()
    if found is not None:
        return found
    known = prefill_accounts(workspace, [account.pk], parse_sections(questionnaire.sections))
    made = new_copy(account=account, questionnaire=questionnaire, answers=known.get(account.pk, {}), author=actor)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return current.get()
    return made


def new_copy(
    *, account: Account, questionnaire: Questionnaire, answers: dict[str, Entry], author: Member | None
) -> Answers:
    """A copy that is not saved yet, its sections frozen and its percents counted."""
    counted, now = tally(questions_of(parse_sections(questionnaire.sections)), answers), clock.now()
    return Answers(
        workspace_id=questionnaire.workspace_id,
        account=account,
        questionnaire=questionnaire,
        key=questionnaire.key,
        kind=questionnaire.kind,
        name=questionnaire.name,
        sections=questionnaire.sections,
        answers=answers,
        completeness=counted.completeness,
        confirmed=counted.confirmed_percent,
        author=author,
        created_at=now,
        changed_at=now,
    )


def save_answers(*, actor: Member, copy: Answers, given: Mapping[str, Given], confirm: Collection[str] = ()) -> Merged:
    """Merge what a form says into a copy, question by question (``merging.merge``); one row lock, one update.

    Keys that the copy has no question for are ignored. Raises ``Closed`` when the copy takes no answers. The given
    ``copy`` holds the merged answers afterwards.
    """
    with transaction.atomic():
        locked = _open_copy(actor, copy)
        asked = {one.key for one in questions_of(parse_sections(locked.sections))}
        known = {key: one for key, one in given.items() if key in asked}
        at = clock.now().isoformat(timespec="seconds")
        merged = merge(locked.answers, known, confirm, by=str(actor.pk), at=at)
        if merged.changed:
            _write(locked, merged.answers, touched=True)
    _show(copy, locked)
    return merged


def _open_copy(actor: Member, copy: Answers) -> Answers:
    locked = Answers.objects.select_for_update().get(workspace=actor.workspace, pk=copy.pk)
    if not locked.is_current:
        raise Closed("A newer copy took the place of this one. It can only be read.")
    if locked.completed_at is not None:
        raise Closed("This copy is completed. Reopen it to change an answer.")
    return locked


def _write(locked: Answers, answers: dict[str, Entry], *, touched: bool) -> None:
    """Answers with their percents; ``touched`` when a member spoke, which ``answered_on`` tells."""
    counted = tally(questions_of(parse_sections(locked.sections)), answers)
    locked.answers, locked.completeness, locked.confirmed = answers, counted.completeness, counted.confirmed_percent
    columns = ["answers", "completeness", "confirmed"]
    if touched:
        locked.changed_at = clock.now()
        columns.append("changed_at")
    locked.save(update_fields=columns)


def _show(copy: Answers, locked: Answers) -> None:
    for column in ("answers", "completeness", "confirmed", "changed_at", "completed_at", "completed_by_id"):
        setattr(copy, column, getattr(locked, column))


def refresh_answers(*, actor: Member, copy: Answers) -> int:
    """Take the prefilled answers that nobody confirmed anew from what is known now; returns how many changed."""
    with transaction.atomic():
        locked = _open_copy(actor, copy)
        sections = parse_sections(locked.sections)
        known = prefill_accounts(actor.workspace, [locked.account_id], sections).get(locked.account_id, {})
        answers, changed = refreshed(locked.answers, known)
        if changed:
            _write(locked, answers, touched=False)
    _show(copy, locked)
    return changed


def complete_copy(*, actor: Member, copy: Answers) -> bool:
    """Close a copy: its answers stand. Returns whether it was open."""
    mine = Answers.objects.filter(workspace=actor.workspace, pk=copy.pk, completed_at__isnull=True, is_current=True)
    return bool(mine.update(completed_at=clock.now(), completed_by=actor))


def reopen_copy(*, actor: Member, copy: Answers) -> bool:
    """Open a completed copy again. Returns whether it was completed; one that a newer copy replaced stays closed."""
    mine = Answers.objects.filter(workspace=actor.workspace, pk=copy.pk, completed_at__isnull=False, is_current=True)
    return bool(mine.update(completed_at=None, completed_by=None))


def renew_copy(*, actor: Member, copy: Answers) -> Answers:
    """Put a copy of the published version in the place of an older one: equal questions keep their answers.

    The old copy stays readable. Returns the current copy, the given one when it is of the published version already.
    ValidationError when nothing is published.
    """
    workspace = actor.workspace
    with transaction.atomic():
        # Two who renew at once follow each other: the second finds the first's copy.
        Account.objects.select_for_update(no_key=True).get(workspace=workspace, pk=copy.account_id)
        versions = Questionnaire.objects.filter(workspace=workspace, key=copy.key, state=State.PUBLISHED)
        published = versions.first()
        if published is None:
            raise ValidationError("No version is published.")
        mine = Answers.objects.select_for_update().filter(workspace=workspace, account=copy.account_id, key=copy.key)
        old = mine.get(is_current=True)
        if old.questionnaire_id == published.pk:
            return old
        sections = parse_sections(published.sections)
        known = prefill_accounts(workspace, [copy.account_id], sections).get(copy.account_id, {})
        kept, _ = refreshed(taken_over(old.answers, sections), known)
        mine.filter(pk=old.pk).update(is_current=False)
        made = new_copy(account=copy.account, questionnaire=published, answers=kept, author=actor)
        # When somebody last answered goes over with the answers.
        made.changed_at = old.changed_at
        made.save(force_insert=True)
    return made
