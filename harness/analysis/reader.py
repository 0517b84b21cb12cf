"""Asking the run's answerer: every distinct question over the same snippets once, and what its answers are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.answering.notation import held_in, matches
from harness.answering.protocol import Asked, Reading
from harness.answering.scoring import exact_match, f1, has_answer
from harness.records import Answer, Question, Ranking, Snippet
from harness.words.text.normalisers import DEFAULT

_Key = tuple[str, tuple[str, ...], tuple[str, ...]]  # question, snippets, accepted answers where they are shown
_REMEMBERED: Final = 200_000  # answers; a few hundred bytes each


@dataclass
class Reader:
    """An answerer over the snippets of one suite, which is in `language` and read by the normaliser of the name `rules`.

    Answers are remembered by question and snippets, failures are not.
    """

    answerer: Asked
    snippets: Mapping[str, Snippet]
    language: str
    rules: str = DEFAULT
    _known: dict[_Key, Answer] = field(default_factory=dict)

    def answers(self, question: Question, texts: Sequence[str], rankings: Sequence[Ranking]) -> list[Answer]:
        """Return the answers to one question, asked as each of `texts`, from what was found for each of them.

        A reader sees text and snippets; only a judge sees the accepted answers.
        """
        accepted = (question.answers or ()) if self.answerer.is_judge else ()
        keys: list[_Key] = [
            (text, ranking.snippet_ids[: self.answerer.depth], accepted)
            for text, ranking in zip(texts, rankings, strict=True)
        ]
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        readings = [Reading(text, tuple(self.snippets[i] for i in ids), shown) for text, ids, shown in new]
        fresh = dict(zip(new, self.answerer.answer(readings), strict=True)) if new else {}
        answers = [fresh[key] if key in fresh else self._known[key] for key in keys]
        if len(self._known) + len(fresh) > _REMEMBERED:
            self._known.clear()
        self._known |= {key: answer for key, answer in fresh.items() if answer.error is None}
        return answers

    def metrics(self, question: Question, ranking: Ranking, answer: Answer) -> dict[str, float]:
        """Return what an answer is worth. `answer_in_reach`: a snippet that was read is relevant, or holds an accepted answer
        where the suite does not say what is relevant. `answer_support`: so is the snippet that the answer rests on first.
        `answer_read`, of readers only: an accepted answer stands in a snippet that was read.
        """
        accepted, read = question.answers or (), ranking.snippet_ids[: self.answerer.depth]
        texts = [self.snippets[identity].text for identity in read]
        shown = {
            "answer_read": float(has_answer(texts, accepted, len(texts))),
            "answer_read_any_notation": float(
                any(held_in(text, accepted, self.language, self.rules) for text in texts)
            ),
        }
        return {
            "exact_match": float(exact_match(answer.text, accepted, self.language)),
            "match_any_notation": float(matches(answer.text, accepted, self.language, self.rules)),
            "f1": f1(answer.text, accepted, self.language),
            **({} if self.answerer.is_judge else shown),
            "answer_in_reach": float(self._bears(question, read)),
            "answer_support": float(self._bears(question, answer.snippet_ids[:1])),
            "refusal_rate": float(not answer.text and answer.error is None),
            "answer_error_rate": float(answer.error is not None),
        }

    def _bears(self, question: Question, ids: Sequence[str]) -> bool:
        if question.snippet_ids is not None:
            return not set(ids).isdisjoint(question.snippet_ids)
        return has_answer([self.snippets[identity].text for identity in ids], question.answers or (), len(ids))
