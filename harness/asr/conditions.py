"""Conditions, what is done to audio before recognition: which there are, how one is named, built and applied.

`noise` and `channels` hold the effects themselves, pure functions of samples. To add one, write an `Effect` and name it
in `CONDITIONS`, or, from another package, in an entry point of the group `harness.conditions`.

A condition's randomness comes from a generator that `rng_for` derives from seed, utterance and label alone, so a clip
sounds the same in any run, order and process. What `Condition.apply` returns is always finite float32 in [-1, 1] at the
clip's rate. Where an effect leaves that range, the *whole* result is scaled down so that its peak is full scale:
ratios such as an SNR stay as asked, and nothing is clipped (but for `gain`, which clips on purpose).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import UnknownName, UsageError
from harness.options import parse_plugin
from harness.records import Clip, OptionValue, Utterance
from harness.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ConditionSpec:
    """One configured condition; `label` names it in every table: `clean`, `babble 10 dB`, `telephone` ..."""

    name: str
    label: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """One option of an effect. The type of `default` is the type of the value; numbers lie in [`low`, `high`].

    `label` is how a value is written in the condition's label, such as `{:g} dB`.
    """

    default: int | float | bool
    label: str
    low: float = 0.0
    high: float = 1.0

    def read(self, value: OptionValue, where: str) -> int | float | bool:
        """Return the value in the option's own type. Raises `UsageError`, beginning with `where`."""
        if isinstance(self.default, bool):
            if isinstance(value, bool):
                return value
            raise UsageError(f"{where} is {value!r}; expected true or false.")
        whole = isinstance(self.default, int)
        fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not fits or isinstance(value, str) or not self.low <= value <= self.high:
            kind = "a whole number" if whole else "a number"
            raise UsageError(f"{where} is {value!r}; expected {kind} from {self.low:g} to {self.high:g}.")
        return value if whole else float(value)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a condition does. `process(clip, values, rng, others)` gives the new samples, of any float type and range.

    `values` holds every option, defaults filled in, and the clip at least one sample. The first of `options` always
    stands in the label, the rest where they differ from the default. `packages` are the distributions whose version may
    change the output. `seeded`: the generator is used. `others`: the option that counts the other clips it wants.
    """

    process: Callable[[Clip, Mapping[str, Any], np.random.Generator, Sequence[Clip]], NDArray[np.floating]]
    options: Mapping[str, Option] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    seeded: bool = False
    others: str | None = None


CONDITIONS: Registry[Effect] = Registry(
    "condition",
    "harness.conditions",
    {
        "clean": "harness.asr.channels:CLEAN",
        "white": "harness.asr.noise:WHITE",
        "pink": "harness.asr.noise:PINK",
        "babble": "harness.asr.noise:BABBLE",
        "reverb": "harness.asr.channels:REVERB",
        "telephone": "harness.asr.channels:TELEPHONE",
        "codec": "harness.asr.channels:CODEC",
        "speed": "harness.asr.channels:SPEED",
        "gain": "harness.asr.channels:GAIN",
        "silence": "harness.asr.channels:SILENCE",
        "cut": "harness.asr.channels:CUT",
    },
)


@dataclass(frozen=True, slots=True)
class Condition:
    """An effect with its options set. Made by `build`; can be sent to another process."""

    spec: ConditionSpec
    effect: Effect
    values: Mapping[str, int | float | bool]

    @property
    def seeded(self) -> bool:
        """Whether the output depends on the generator, and so on the run's seed and the label."""
        return self.effect.seeded

    @property
    def needs_others(self) -> int:
        """How many other clips of the suite `apply` wants; 0 for all but `babble`."""
        return int(self.values[self.effect.others]) if self.effect.others else 0

    def identity(self) -> Mapping[str, str]:
        """Everything but seed and other clips that changes the output: options, label if seeded, package versions."""
        from importlib.metadata import version

        packages = {package: version(package) for package in self.effect.packages}
        if "soundfile" in packages:
            import soundfile

            packages["libsndfile"] = soundfile.__libsndfile_version__
        return {
            "condition": self.spec.name,
            **({"label": self.spec.label} if self.seeded else {}),
            **{name: str(self.values[name]) for name in sorted(self.values)},
            **packages,
        }

    def apply(self, clip: Clip, rng: np.random.Generator, others: Sequence[Clip] = ()) -> Clip:
        """Return the clip as it sounds under this condition. A clip of no samples comes back as it is.

        The order of `others` does not matter. Raises `ConditionError` where there is nothing to make babble of.
        """
        import numpy as np

        if not len(clip.samples):
            return clip
        samples = self.effect.process(clip, self.values, rng, sorted(others, key=lambda other: other.utterance_id))
        peak = np.abs(samples).max()
        if peak > 1.0:
            samples = samples / peak
        return Clip(clip.utterance_id, samples.astype(np.float32, copy=False), clip.sample_rate)


def build(spec: ConditionSpec) -> Condition:
    """Return the condition that the spec means. Raises `UsageError` for an unknown name, an unknown option or a wrong value."""
    effect = CONDITIONS.get(spec.name)
    return Condition(spec, effect, _values(spec.name, effect, spec.options))


def parse_condition(text: str) -> ConditionSpec:
    """Return the condition meant by `NAME` or `NAME,option=value,...`, such as `babble,snr_db=10`; `label=` sets the label.

    Raises `UsageError` for whatever `build` would refuse, and for an option without `=` or given twice.
    """
    parsed = parse_plugin("condition", text, "babble,snr_db=10", main_name=None)
    options = parsed.values(texts=frozenset({"label"}))
    label = options.pop("label", None)
    default = default_label(parsed.name, options)  # also checks name and options
    return ConditionSpec(parsed.name, str(label or default), options)


def default_label(name: str, options: Mapping[str, OptionValue]) -> str:
    """Return what a condition is called unless a label is given.

    ("babble", {}) -> "babble 10 dB"; ("babble", {"talkers": 8}) -> "babble 10 dB 8 talkers". Raises as `build` does.
    """
    effect = CONDITIONS.get(name)
    values = _values(name, effect, options)
    shown = [
        option.label.format(values[key])
        for position, (key, option) in enumerate(effect.options.items())
        if position == 0 or values[key] != option.default
    ]
    return " ".join([name, *shown])


def rng_for(seed: int, utterance_id: str, label: str) -> np.random.Generator:
    """A generator seeded by SHA-256 of the three: the same in any order of work and in any process."""
    import numpy as np

    digest = hashlib.sha256(json.dumps([seed, utterance_id, label]).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def choose_others(
    utterance: Utterance, utterances: Sequence[Utterance], n: int, rng: np.random.Generator
) -> tuple[Utterance, ...]:
    """At most `n` recordings of *other* questions, drawn without replacement, whatever the order of `utterances`.

    Recordings of the same question are left out: babble must not hold the words that are measured.
    """
    candidates = sorted(
        (other for other in utterances if other.audio is not None and other.question_id != utterance.question_id),
        key=lambda other: other.id,
    )
    drawn = rng.choice(len(candidates), size=min(n, len(candidates)), replace=False)
    return tuple(candidates[index] for index in drawn)


def _values(name: str, effect: Effect, options: Mapping[str, OptionValue]) -> dict[str, int | float | bool]:
    """Return every option of the effect with its checked value, in the effect's own order."""
    for key in options:
        if key not in effect.options:
            raise UnknownName(f"{name} option", key, effect.options)
    return {
        key: option.read(options[key], f"condition {name!r}: {key}") if key in options else option.default
        for key, option in effect.options.items()
    }
