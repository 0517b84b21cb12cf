"""What rare words were recognised as: a row a word, the most frequent forms beside it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.word_costs import WordCost
from harness.report.pictures.drawing import TINT, Picture, data, sized
from harness.report.pictures.view import View
from harness.report.sections.words import forms

_SHOWN_WORDS, _SHOWN_FORMS = 12, 3
_LONGEST = 12  # letters of a form that fit into its place


def recognised_as(view: View) -> Picture | None:
    """Draw the words that cost most, or where nothing is searched, those misrecognised most often.

    The shade is the share of times that the word was recognised so. Possible typos of the reference are left out.
    """
    import altair as alt

    words = _words(view)
    if not words:
        return None
    places = [
        {
            "word": word.word, "rank": str(rank), "share": count / word.n_reference, "form": f"{_short(form)} ×{count}",
            "text": f"{word.word} was recognised as {form or 'nothing'} {count} of {word.n_reference} times",
        }
        for word in words
        for rank, (form, count) in enumerate(word.recognised_as[:_SHOWN_FORMS], start=1)
    ]  # fmt: skip
    chart = alt.Chart(data(places)).encode(
        x=alt.X("rank:O", title=None, axis=None),
        y=alt.Y("word:N", title=None, sort=[word.word for word in words], axis=alt.Axis(ticks=False, domain=False)),
    )
    scale = alt.Scale(domain=[0, 1], range=[0.06, 0.5], clamp=True)
    layers = [
        chart.mark_rect(fill=TINT, cornerRadius=3).encode(
            fillOpacity=alt.FillOpacity("share:Q", scale=scale, legend=None), description="text:N"
        ),
        chart.mark_text(fontSize=12.5).encode(text="form:N"),
    ]
    costs = (f"{view.noun} recoverable",) if view.retriever else ()
    return Picture(
        "recognised-as",
        f"{f'Words that cost {view.noun}' if view.retriever else 'Words misrecognised'}: {words[0].backend}",
        _sentence(view, words),
        ("word", "in references", "correct", "recognised as", *costs),
        tuple(
            (
                w.word,
                str(w.n_reference),
                str(w.n_correct),
                forms(w.recognised_as),
                *([str(w.recoverable)] if costs else []),
            )
            for w in words
        ),
        sized(alt.layer(*layers), 26 * len(words)),
    )


def _words(view: View) -> list[WordCost]:
    typos = view.figures.summary.possible_typos
    return [word for word in _costly(view) if word.word not in typos][:_SHOWN_WORDS]


def _costly(view: View) -> list[WordCost]:
    return [
        word
        for word in view.figures.summary.words
        if word.retriever == view.retriever
        and view.of((word.backend, word.condition))
        and (view.retriever is None or word.recoverable or word.shapley > 0)
    ]


def _short(form: str) -> str:
    form = form or "(nothing)"
    return form if len(form) <= _LONGEST else form[: _LONGEST - 1] + "…"


def _sentence(view: View, words: Sequence[WordCost]) -> str:
    """How many of these words were never recognised, and the first of them with what stood in its place."""
    first, never = words[0], sum(word.n_correct == 0 for word in words)
    shown = "1 word" if len(words) == 1 else f"{len(words)} words"
    references = "1 reference" if first.n_reference == 1 else f"{first.n_reference} references"
    correct = "once" if first.n_correct == 1 else f"{first.n_correct} times"
    typos = [
        f"{word} ({meant}?)"
        for word, meant in view.figures.summary.possible_typos.items()
        if any(word == one.word for one in _costly(view))
    ]
    left_out = f" Left out as possible typos of the reference: {', '.join(typos)}." if typos else ""
    return (
        f"{view.name((first.backend, first.condition))}: {never} of the {shown} shown never recognised. {first.word} stands in "
        f"{references} and was recognised correctly {correct}; in its place: {forms(first.recognised_as)}.{left_out}"
    )
