"""Times of a word that cannot be, as JSON behind other fields: every reader drops the times and keeps the word."""

ODD_TIMES = (
    ', "start": -1, "end": 1',
    ', "start": 2, "end": 1',
    ', "start": NaN, "end": NaN',
    ', "start": 0, "end": Infinity',
    ', "start": 0, "end": 1e999',
    ', "start": "0.5", "end": "1.0"',
    ', "start": "00:01", "end": 1',
    ', "start": null, "end": null',
    ', "start": [0], "end": {}',
    ', "start": true, "end": 2',
    ', "end": -2',
    "",
)
