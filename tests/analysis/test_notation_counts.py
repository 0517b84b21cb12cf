"""Notation variants among the error regions of texts that are scored."""

from __future__ import annotations

from pathlib import Path

from harness.analysis.scoring import score, score_files


def test_regions_and_variants_of_texts_are_counted() -> None:
    references = ["Who besieged Warsaw?", "Who was Dr. Seuss?", "Who wrote Middlemarch?", "Who saw it?"]
    hypotheses = ["who besieged war saw", "who was doctor seuss", "who wrote miggling arch", "who saw it"]
    counted = score(references, hypotheses)
    assert counted.to_dict()["notation"] == {"error_regions": 3, "variants": 2}
    assert counted.words.errors == 2 + 1 + 2


def test_they_depend_on_the_language() -> None:
    assert score("Jimi Hendrix", "jimmy hendrix").notation.variants == 1
    assert score("Jimi Hendrix", "jimmy hendrix", language="de").notation.variants == 0


def test_of_a_choice_in_a_reference_the_way_that_fits_best_is_counted(tmp_path: Path) -> None:
    (tmp_path / "ref.trn").write_text("where is { warsaw / krakow } now (a-1)\n")
    (tmp_path / "hyp.trn").write_text("where is war saw now (a-1)\n")
    counted = score_files(tmp_path / "ref.trn", tmp_path / "hyp.trn").notation
    assert (counted.error_regions, counted.variants) == (1, 1)
