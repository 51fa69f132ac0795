"""Texts: choices, slots, numbers, and that every template of the packs can be filled."""

from __future__ import annotations

from random import Random

import pytest

from priorities.demo.wording import CHOICE, SLOT, Fit, Scene, Wording

PACKS = ("advisor", "compliance")
# What a scene learns from the account; see telling.Subject.
FACTS = [
    *("account", "active", "anniversary", "csm", "finance", "first", "full", "last_use", "lead", "module", "month"),
    *("month_back", "other", "previous", "product", "renewal", "rsm", "short", "town", "unused", "users", "vendor"),
    "weekday",
]
OCCASIONS = {
    "start", "review", "ordinary", "growth", "renewal", "renewal_ahead", "unanswered", "trouble", "unpaid", "left",
    "handover", "stalled", "churned",
}  # fmt: skip


@pytest.fixture(scope="module", params=PACKS)
def wording(request: pytest.FixtureRequest) -> Wording:
    return Wording(request.param)


def scene(wording: Wording, **facts: str) -> Scene:
    return Scene(Random(7), wording, {name: name for name in FACTS} | facts)


class TestScene:
    def test_picks_one_of_several_wordings(self, wording: Wording) -> None:
        assert scene(wording).tell("[Good|Fine|Well].") in {"Good.", "Fine.", "Well."}

    def test_keeps_its_words(self, wording: Wording) -> None:
        told = scene(wording)
        assert told.tell("{reason_away}") == told.tell("{reason_away}")

    def test_numbers_of_one_letter_move_together(self, wording: Wording) -> None:
        for seed in range(50):
            told = Scene(Random(seed), wording, {})
            delivered, imported = int(told.tell("{n180-940}")), int(told.tell("{n170-930}"))
            assert 180 <= delivered <= 940
            assert imported == delivered - 10

    def test_facts_win_over_pools(self, wording: Wording) -> None:
        assert scene(wording, goal="tea").tell("More {goal}") == "More tea"

    def test_a_capital_letter_begins_a_sentence(self, wording: Wording) -> None:
        assert scene(wording, goal="tea").tell("good. {Goal}.") == "Good. Tea."

    def test_an_unknown_slot_is_an_error(self, wording: Wording) -> None:
        with pytest.raises(KeyError):
            scene(wording).tell("{nobody_knows}")


class TestFit:
    @pytest.mark.parametrize(
        ("fit", "users", "products", "is_head", "expected"),
        [
            (Fit(), 1, {"a"}, False, True),
            (Fit(at_least=5), 4, {"a"}, False, False),
            (Fit(at_most=5), 6, {"a"}, False, False),
            (Fit(heads=True), 9, {"a"}, False, False),
            (Fit(heads=True), 9, {"a"}, True, True),
            (Fit(needs=frozenset({"a", "b"})), 9, {"b"}, False, True),
            (Fit(needs=frozenset({"a"})), 9, {"b"}, False, False),
            (Fit(lacks=frozenset({"a"})), 9, {"a"}, False, False),
        ],
    )
    def test_suits(self, fit: Fit, users: int, products: set[str], is_head: bool, expected: bool) -> None:
        assert fit.suits(users, products, is_head) is expected


class TestTexts:
    def test_every_occasion_is_told(self, wording: Wording) -> None:
        assert set(wording.episodes) == OCCASIONS
        assert set(wording.openings) == {"any", "trouble", "unpaid", "stalled", "left"}

    def test_every_occasion_suits_the_smallest_account(self, wording: Wording) -> None:
        for occasion, episodes in wording.episodes.items():
            assert any(episode.fit.suits(1, set(), False) for episode in episodes), occasion

    def test_every_template_can_be_filled(self, wording: Wording) -> None:
        texts = [text for voice in wording.notes.values() for notes in voice.values() for text in notes]
        texts += [text for reasons in wording.reasons.values() for text in reasons] + wording.snoozes
        for episodes in wording.episodes.values():
            for episode in episodes:
                texts += [text for step in episode.steps for text in (step.subject, *step.bodies)] + [episode.reason]
                texts += [episode.task["title"], episode.task["note"]] if episode.task else []
        for openings in wording.openings.values():
            for opening in openings:
                texts += [opening.task["title"], opening.task.get("details", "")]
                texts += [opening.step.subject, *opening.step.bodies] if opening.step else []
        for text in texts:
            filled = scene(wording).tell(text)
            assert not CHOICE.search(filled), text
            assert not SLOT.search(filled), text

    def test_episodes_are_in_order_and_end_the_trouble_with_a_reason(self, wording: Wording) -> None:
        for occasion, episodes in wording.episodes.items():
            for episode in episodes:
                days = [step.day for step in episode.steps]
                assert days == sorted(days), episode.key
                assert days[0] == 0, episode.key
                assert bool(episode.reason) is (occasion in {"trouble", "unpaid"}), episode.key

    def test_both_voices_can_speak_of_everything(self, wording: Wording) -> None:
        assert set(wording.notes) == {"terse", "plain"}
        assert set(wording.notes["terse"]) == set(wording.notes["plain"])
