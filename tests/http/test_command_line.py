"""Which words of a program's command line are keys, and which are left."""

from __future__ import annotations

import shlex

import pytest

from harness.http.command_line import secret_values, with_digest, without_keys


@pytest.mark.parametrize(
    ("line", "shown", "secrets"),
    [
        ("asr --password=hunter2 {audio}", "asr --password=[secret] {audio}", ["hunter2"]),
        ("asr --token hunter2 {audio}", "asr --token [secret] {audio}", ["hunter2"]),
        ("asr --hf-token=a --api_key 'b c' -api-key d {audio}", "asr --hf-token=[secret] --api_key [secret] -api-key [secret] {audio}",
         ["a", "b c", "d"]),
        ("env OPENAI_API_KEY=abc LANG=C asr {audio}", "env OPENAI_API_KEY=[secret] LANG=C asr {audio}", ["abc"]),
        ("asr --header 'X-Api-Key: abc' {audio}", "asr --header 'X-Api-Key: [secret]' {audio}", ["abc"]),
        ("asr -H 'Authorization: Bearer abc.def' {audio}", "asr -H 'Authorization: Bearer [secret]' {audio}", ["abc.def"]),
        ("asr --header=X-Auth-Token:abc {audio}", "asr --header=X-Auth-Token:[secret] {audio}", ["abc"]),
        ("curl -u me:hunter2 {audio}", "curl -u me:[secret] {audio}", ["hunter2"]),
        ("sh -c 'API_KEY=abc asr --token hunter2' {audio}", "sh -c 'API_KEY=[secret] asr --token [secret]' {audio}", ["abc", "hunter2"]),
    ],
)  # fmt: skip
def test_keys_are_known_by_the_names_in_front_of_them(line: str, shown: str, secrets: list[str]) -> None:
    assert without_keys(line) == shown
    assert secret_values(shlex.split(line)) == secrets
    assert without_keys(shown) == shown


def test_a_digest_stands_for_the_keys_where_they_make_a_difference() -> None:
    one, same, other = (with_digest(f"asr --token {key} {{audio}}") for key in ("hunter2", "hunter2", "hunter3"))
    assert one == same != other
    assert "hunter" not in one
    assert with_digest("asr {audio}") == "asr {audio}"


@pytest.mark.parametrize(
    "line",
    [
        "asr -p 4 {audio}", "asr --max-tokens 200 --tokenizer t.json --pass 2 {audio}", "asr --token-timestamps {audio}",
        "asr --password-file /run/secrets/asr {audio}", "asr --key={audio}", "asr --token {audio}", "asr --token -v {audio}",
        "whisper-cli -f {audio} --no-prints", "asr -m 'a  b' \"it's\" {audio}", "asr 'not closed --threads 2",
        "asr --prompt 'who holds the key to the token' {audio}",
    ],
)  # fmt: skip
def test_other_command_lines_are_left_as_they_are_written(line: str) -> None:
    assert without_keys(line) == line
