"""Suites whose figures are known by construction: which question is misrecognised how depends on its number alone.

Numbers count from 0: `every(4, 1)` are the questions 1, 5, 9 ... Names are towns that stand in no question but their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import soundfile

from tests.conftest import write_lines
from tests.scripted import recording

# The same sounds in other letters: bm25 does not find such a town, phonetic does.
AS_IT_SOUNDS: Mapping[str, str] = {
    "Marrakesh": "Marrakkesh", "Timbuktu": "Timbucktu", "Bukhara": "Bukharra", "Tirana": "Tirrana", "Podgorica": "Podgorrica",
    "Lusaka": "Lusakka", "Maseru": "Maserru", "Gaborone": "Gabborone", "Funafuti": "Funaffuti", "Majuro": "Majurro",
    "Palikir": "Pallikir", "Ngerulmud": "Ngerrulmud", "Honiara": "Honniara", "Tarawa": "Tarrawa", "Nukualofa": "Nukualoffa",
    "Avarua": "Avarrua", "Mbabane": "Mbabbane", "Dodoma": "Doddoma", "Djibouti": "Djibbouti", "Windhoek": "Windhoeck",
    "Malabo": "Mallabo", "Ndjamena": "Ndjammena", "Cassel": "Cassell", "Kassel": "Kassell", "Conakry": "Conackry",
    "Nouakchott": "Nouackchott", "Ashgabat": "Ashgabbat", "Bishkek": "Bishckeck", "Astana": "Astanna", "Tashkent": "Tashckent",
    "Naypyidaw": "Naypyiddaw", "Vientiane": "Vientianne", "Gdansk": "Gdansck", "Maribor": "Marribor",
    "Kleve": "Klleve", "Cleve": "Clleve", "Szeged": "Szegged", "Daugavpils": "Dauggavpils", "Liepaja": "Lieppaja", "Kaunas": "Kaunnas",
    "Klaipeda": "Klaippeda", "Tampere": "Tamperre", "Kiruna": "Kirruna", "Uppsala": "Uppsalla", "Orebro": "Orrebro",
    "Odense": "Oddense", "Roskilde": "Rosckilde", "Pamplona": "Pamplonna", "Viborg": "Vibborg", "Skagen": "Skaggen",
    "Narvik": "Narvick", "Hammerfest": "Hammerphest", "Trogir": "Troggir", "Sibenik": "Sibbenik", "Tavira": "Tavirra",
    "Obidos": "Obbidos", "Huesca": "Hueska", "Matera": "Materra", "Spoleto": "Spoletto", "Orvieto": "Orvietto",
}  # fmt: skip
TOWNS = tuple(AS_IT_SOUNDS)
OTHER_WORDS = ("green table", "seven days", "open door", "white house", "black box", "cold road")  # all of them common


Selection = Callable[[int], bool]  # of questions, by their numbers


def every(step: int, first: int = 0) -> Selection:
    """Whether a question is one of first, first + step, first + 2 step ..."""
    return lambda number: number % step == first


def below(bound: int) -> Selection:
    return lambda number: number < bound


def none(number: int) -> bool:
    return False


def all_of_them(number: int) -> bool:
    return True


@dataclass(frozen=True)
class Errors:
    """Which questions a backend misrecognises, and how; a town is misrecognised in one way at most.

    alike: other letters for the town, the same sounds. other: two common words for the town: a substitution and an insertion.
    deleted: the last `the`. replaced: words, what stands in their place, and where. inserted: a rare name at the end.
    """

    alike: Selection = none
    other: Selection = none
    deleted: Selection = none
    replaced: Sequence[tuple[str, str, Selection]] = ()
    inserted: Selection = none

    def hypothesis(self, number: int, reference: str, town: str) -> str:
        text = reference.rstrip("?")
        if self.alike(number):
            text = text.replace(town, AS_IT_SOUNDS[town])
        if self.other(number):
            text = text.replace(town, OTHER_WORDS[number % len(OTHER_WORDS)])
        if self.deleted(number):
            before, _, after = text.rpartition(" the ")
            text = f"{before} {after}"
        for word, substitute, where in self.replaced:
            if where(number):
                text = " ".join(substitute if each.lower() == word else each for each in text.split())
        return text.lower() + (" zanzibar" if self.inserted(number) else "")


@dataclass
class ConstructedSuite:
    """A suite in the making, its questions in the order of their numbers. One utterance a question."""

    root: Path
    questions: list[dict[str, object]] = field(default_factory=list)
    snippets: list[dict[str, str]] = field(default_factory=list)
    towns: list[str] = field(default_factory=list)

    def add_question(self, text: str, town: str, relation: str, **fields: object) -> None:
        """Adds a question about a town, which is its only entity mention unless the fields say otherwise; `None` leaves a
        field out.
        """
        start = text.find(town)
        mention = {"text": town, "start": start, "end": start + len(town), "label": "GPE"}
        own = {"id": f"q{len(self.questions):02}", "text": text, "tags": {"relation": relation}}
        given = own | {"entities": [mention] if start >= 0 else []} | fields
        self.questions.append({name: value for name, value in given.items() if value is not None})
        self.towns.append(town)

    def add_snippet(self, text: str, title: str = "Towns") -> str:
        """Adds a snippet and returns its id."""
        self.snippets.append({"id": f"s{len(self.snippets):03}", "title": title, "text": text})
        return self.snippets[-1]["id"]

    def add_decoys(self, text: str) -> None:
        """Adds ten snippets with the words of the questions: they come first where no town tells snippets apart."""
        for _ in range(10):
            self.add_snippet(text)

    def hypotheses(self, errors: Errors) -> dict[str, str]:
        """By utterance, what a backend makes of the questions."""
        return {
            f"{question['id']}.a": errors.hypothesis(number, str(question["text"]), town)
            for number, (question, town) in enumerate(zip(self.questions, self.towns, strict=True))
        }

    def write(self, name: str, recorded: Mapping[str, Errors], *, audio: bool = False) -> Path:
        """Writes the suite with the recorded transcripts of each backend; returns its folder."""
        self.root.mkdir(parents=True)
        (self.root / "suite.toml").write_text(
            f'name = "{name}"\nversion = "1"\nlanguage = "en"\nlicence = "CC0-1.0"\n'
            f'description = "Made for tests."\nspeech = "synthetic"\n'
        )
        write_lines(self.root / "questions.jsonl", self.questions)
        if self.snippets:
            write_lines(self.root / "snippets.jsonl", self.snippets)
        utterances = []
        for number, question in enumerate(self.questions):
            utterance = {"id": f"{question['id']}.a", "question_id": question["id"], "speaker": "a"}
            if audio:
                utterance["audio"] = f"{number}.wav"
                soundfile.write(self.root / f"{number}.wav", recording(number), 16_000, subtype="PCM_16")
            utterances.append(utterance)
        write_lines(self.root / "utterances.jsonl", utterances)
        for backend, errors in recorded.items():
            lines = [{"utterance_id": identity, "text": text} for identity, text in self.hypotheses(errors).items()]
            write_lines(self.root / "transcripts" / f"{backend}.jsonl", lines)
        return self.root
