"""Numbers and signs as other languages write them."""

from __future__ import annotations

import pytest

from harness.words.text.normalise import normalise


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "1.000.000 3,5 ,5 3.500,25", "un millón tres coma cinco cero coma cinco tres mil quinientos coma dos cinco"),
        ("es", "5 € €5 5,05 € $20", "cinco euros cinco euros cinco euros con cinco céntimos veinte dólares"),
        ("es", "1.º 1ª 1er 3.er 2º", "primero primera primer tercer segundo"),
        ("es", "5 % & 20 °C -5 #1 2+2=4", "cinco por ciento y veinte grados celsius menos cinco número uno dos más dos igual a cuatro"),
        ("es", "8½ 10² 4x4 ⅓", "ocho coma cinco diez al cuadrado cuatro por cuatro uno tres"),
        ("de", "1.500 3,5 5 € 5,50 € 20 % 3.5.1999", "fünfzehnhundert drei komma fünf fünf euro fünf euro und fünfzig cent zwanzig "
         "prozent drei fünf neunzehnhundertneunundneunzig"),
        ("de", "Müller & Söhne, STRASSE Straße", "müller und söhne strasse straße"),
        ("fr", "1 000 000 1\u202f500 12\u00a0345", "un million mille cinq cents douze mille trois cent quarante cinq"),
        ("fr", "1er 2e 1ère 5 $ 3,5 %", "premier deuxième première cinq dollars trois virgule cinq pour cent"),
        ("it", "1.000 5 € 1º 1ª", "mille cinque euro primo prima"),
        ("pt", "1.000 R$ 5 8%", "mil r cinco dólares oito por cento"),
        ("nl", "2de 1.000.000 foto's 's avonds", "tweede een miljoen foto's s avonds"),
        ("sv", "1 000 000 3:e", "en miljon tredje"),
        ("ru", "1 000 5 % 3,5 №5", "одна тысяча пять процентов три запятая пять пять"),
        ("tr", "%5 IŞIK İstanbul", "yüzde beş ışık istanbul"),
        ("ca", "col·lecció 5 · 6", "col·lecció cinc sis"),
        ("pl", "5 zł & 1 000", "pięć zł i tysiąc"),
        ("xx", "5 & 1,000.5 5%", "5 1000 5 5"),
    ],
)  # fmt: skip
def test_readings(language: str, text: str, expected: str) -> None:
    assert normalise(text, language) == expected
