"""What the costliest words were heard as: a row a word, its commonest mishearings beside it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.summary import Summary
from harness.analysis.word_costs import WordCost
from harness.report.pictures.drawing import TINT, Picture, data, sized

_SHOWN_WORDS, _SHOWN_FORMS = 12, 3
_LONGEST = 12  # letters of a form that fit into its place


def heard_as(summary: Summary, cell: tuple[str, str], retriever: str) -> Picture | None:
    """The shade is the share of times that the word was heard so."""
    import altair as alt

    words = [
        word
        for word in summary.words
        if (word.backend, word.condition, word.retriever) == (*cell, retriever)
        and (word.recoverable or word.shapley > 0)
    ][:_SHOWN_WORDS]
    if not words:
        return None
    places = [
        {
            "word": word.word, "rank": str(rank), "share": count / word.n_reference, "form": f"{_short(form)} ×{count}",
            "said": f"{word.word} was heard as {form or 'nothing'} {count} of {word.n_reference} times",
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
            fillOpacity=alt.FillOpacity("share:Q", scale=scale, legend=None), description="said:N"
        ),
        chart.mark_text(fontSize=12.5).encode(text="form:N"),
    ]
    return Picture(
        "heard-as",
        f"What its costliest words were heard as: {cell[0]}",
        _sentence(words),
        ("word", "said", "heard right", "heard as", "answers lost"),
        tuple((w.word, str(w.n_reference), str(w.n_correct), forms(w), str(w.recoverable)) for w in words),
        sized(alt.layer(*layers), 26 * len(words)),
    )


def forms(word: WordCost) -> str:
    """`mad dog or (2), (nothing) (1)`."""
    return ", ".join(f"{form or '(nothing)'} ({count})" for form, count in word.recognised_as)


def _short(form: str) -> str:
    form = form or "(nothing)"
    return form if len(form) <= _LONGEST else form[: _LONGEST - 1] + "…"


def _sentence(words: Sequence[WordCost]) -> str:
    top = words[0]
    never = sum(word.n_correct == 0 for word in words)
    form, count = top.recognised_as[0]
    return (
        f"{top.backend}: {never} of these {len(words)} words were never heard right. {top.word}, the costliest, was said "
        f"{top.n_reference} times and heard right {top.n_correct} times, most often as {form or 'nothing'} ({count})."
    )
