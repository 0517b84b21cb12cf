"""Small suites in other languages, with one transcript that has every name wrong: what a run of theirs must tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Toy:
    """A suite: the language, questions with their names, the rare ones among the names, and one snippet a question.

    A question holds its name in square brackets; `wrong` stands in its place in the hypotheses.
    """

    language: str
    questions: Sequence[tuple[str, str, str]]  # question, answer, snippet
    rare: Sequence[str]
    common: Sequence[str]  # words of the questions that are never rare
    wrong: str

    def records(self) -> tuple[list[Mapping[str, object]], list[Mapping[str, str]], dict[str, str]]:
        """Return the questions without annotated entities, the snippets and the hypotheses by question."""
        questions: list[Mapping[str, object]] = []
        hypotheses = {}
        for number, (text, answer, _) in enumerate(self.questions):
            before, name, after = text.replace("]", "[").split("[")
            questions.append(
                {"id": f"q{number}", "text": before + name + after, "answers": [answer], "snippet_ids": [f"s{number}"]}
            )
            hypotheses[f"q{number}"] = before + self.wrong + after
        snippets = [{"id": f"s{n}", "text": snippet} for n, (_, _, snippet) in enumerate(self.questions)]
        return questions, snippets, hypotheses


GERMAN = Toy(
    "de",
    [
        ("Wie heißt die Hauptstadt von [Ouagadougou]?", "Burkina Faso", "Ouagadougou ist die größte Stadt von Burkina Faso."),
        ("Welche Sprache wird in [Ljubljana] gesprochen?", "Slowenisch", "In Ljubljana spricht man Slowenisch."),
        ("Wer arbeitete zusammen mit [Medawar]?", "Burnet", "Medawar arbeitete zusammen mit Burnet."),
        ("Wo liegt der Vulkan [Popocatépetl]?", "Mexiko", "Der Popocatépetl ist ein Vulkan in Mexiko."),
        ("Welcher Fluss fließt durch [Szeged]?", "Theiß", "Durch Szeged fließt die Theiß."),
        ("Wann wurde die Universität von [Tegucigalpa] gegründet?", "1847", "Die Universität von Tegucigalpa besteht seit 1847."),
    ],
    ["ouagadougou", "ljubljana", "medawar", "popocatépetl", "szeged", "tegucigalpa"],
    ["hauptstadt", "welche", "welcher", "sprache", "vulkan", "fluss", "universität"],
    "der Garten",
)  # fmt: skip
FRENCH = Toy(
    "fr",
    [
        ("De quel pays [Koudougou] est-elle la capitale ?", "Burkina Faso", "Koudougou est une ville du Burkina Faso."),
        ("Qui a écrit l'histoire d'[Okonkwo] ?", "Achebe", "L'histoire d'Okonkwo est de Chinua Achebe."),
        ("Où se trouve le volcan [Popocatépetl] ?", "Mexique", "Le Popocatépetl est un volcan du Mexique."),
        ("Quelle rivière traverse la ville de [Szeged] ?", "Tisza", "La Tisza traverse Szeged."),
        ("Quand a été fondée l'université de [Tegucigalpa] ?", "1847", "L'université de Tegucigalpa date de 1847."),
        ("Quelle langue parle-t-on à [Nukualofa] ?", "tongien", "À Nukualofa on parle le tongien."),
    ],
    ["koudougou", "okonkwo", "popocatépetl", "szeged", "tegucigalpa", "nukualofa"],
    ["quelle", "quel", "capitale", "histoire", "rivière", "université", "langue"],
    "le jardin",
)  # fmt: skip
FINNISH = Toy(
    "fi",
    [
        ("Mikä on suurin kaupunki lähellä paikkaa [Ouagadougou]?", "Koudougou", "Ouagadougou on suurin, sitten Koudougou."),
        ("Missä maassa on tulivuori [Popocatépetl]?", "Meksiko", "Popocatépetl on tulivuori maassa nimeltä Meksiko."),
        ("Mikä on kaupungin [Szeged] joki?", "Tisza", "Kaupungin Szeged joki on Tisza."),
        ("Kuka perusti yliopiston nimeltä [Tegucigalpa]?", "Reyes", "Yliopiston Tegucigalpa perusti Reyes."),
        ("Mitä kieltä puhuu kaupunki [Nukualofa]?", "tonga", "Nukualofa puhuu kieltä nimeltä tonga."),
        ("Milloin syntyi tutkija [Medawar]?", "1915", "Tutkija Medawar syntyi vuonna 1915."),
    ],
    ["ouagadougou", "popocatépetl", "szeged", "tegucigalpa", "nukualofa", "medawar"],
    ["mikä", "missä", "kuka", "milloin", "kaupunki", "tulivuori", "yliopiston"],
    "puutarha",
)  # fmt: skip
JAPANESE = Toy(
    "ja",
    [
        ("[ワガドゥグー]はどの国の首都ですか", "ブルキナファソ", "ワガドゥグーはブルキナファソの首都です。"),
        ("[ポポカテペトル]はどの国の火山ですか", "メキシコ", "ポポカテペトルはメキシコの火山です。"),
        ("[テグシガルパ]の大学はいつできましたか", "1847年", "テグシガルパの大学は1847年にできました。"),
        ("[リュブリャナ]ではどの言葉を話しますか", "スロベニア語", "リュブリャナではスロベニア語を話します。"),
        ("[セゲド]を流れる川は何ですか", "ティサ川", "セゲドを流れる川はティサ川です。"),
        ("[ヌクアロファ]はどこにありますか", "トンガ", "ヌクアロファはトンガにあります。"),
    ],
    ["ワガドゥグー", "ポポカテペトル", "テグシガルパ", "リュブリャナ", "セゲド", "ヌクアロファ"],
    ["首都", "どの", "国", "火山", "大学", "言葉", "川"],
    "庭",
)  # fmt: skip
SPANISH = Toy(
    "es",
    [
        ("¿Cuál es la capital del país de [Koudougou]?", "Burkina Faso", "Koudougou es una ciudad de Burkina Faso."),
        ("¿Quién escribió la historia de [Okonkwo]?", "Achebe", "La historia de Okonkwo es de Chinua Achebe."),
        ("¿Qué río pasa por [Szeged]?", "Tisza", "Por Szeged pasa el Tisza."),
        ("¿Dónde está el puerto de [Gdynia]?", "Polonia", "Gdynia es un puerto de Polonia."),
        ("¿Cuántos años tiene la universidad de [Ljubljana]?", "cien", "La universidad de Ljubljana tiene 100 años."),
        ("¿Qué lengua se habla en [Nukualofa]?", "tongano", "En Nukualofa se habla tongano."),
    ],
    ["koudougou", "okonkwo", "szeged", "gdynia", "ljubljana", "nukualofa"],
    ["cuál", "capital", "país", "años", "universidad", "quién", "dónde"],
    "el jardín",
)  # fmt: skip
TOYS = (GERMAN, FRENCH, FINNISH, SPANISH, JAPANESE)
