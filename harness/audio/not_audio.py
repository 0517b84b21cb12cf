"""What a file is that was taken for a recording and holds no sound: people look for the fault where it is then."""

from __future__ import annotations

from pathlib import Path

_READ = 4_096
_ROOM = 61_440
_SHOWN = 40
_MAGIC = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the recording itself: run `git lfs pull`"),
    (b"\x89PNG", "is a picture (PNG)"),
    (b"\xff\xd8\xff", "is a picture (JPEG)"),
    (b"%PDF", "is a PDF document"),
    (b"PK\x03\x04", "is a ZIP archive: unpack it"),
    (b"\x1f\x8b", "is compressed by gzip: unpack it"),
    (b"7z\xbc\xaf", "is a 7z archive: unpack it"),
    (b"Rar!", "is a RAR archive: unpack it"),
    (b"#EXTM3U", "is a list of recordings (M3U), not a recording: name the recordings themselves"),
    (b"[playlist]", "is a list of recordings (PLS), not a recording: name the recordings themselves"),
)
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body")
_FORMATS = (
    (4, b"ftyp", "MPEG-4 (M4A, 3GP)"),
    (0, b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
    (0, b"#!AMR", "AMR"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"OggS", "Ogg with a codec that libsndfile does not know"),
    (0, b"RIFF", "WAV with a codec that libsndfile does not know"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "True Audio"),
)


def what_it_is(path: Path) -> str | None:
    """Return what a file without sound is, as the end of a sentence; `None`: it may hold sound. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(_READ)
        if not any(head):  # some recorders leave a little room before the sound
            head += file.read(_ROOM)
    for magic, sentence in _MAGIC:
        if head.startswith(magic):
            return sentence
    if not any(head):
        return f"begins with {len(head)} zero bytes, as a copy that broke off does: copy it again"
    if head.startswith(b"NIST_1A"):
        return None  # a header of text before the samples
    text = _as_text(head)
    return None if text is None else _kind_of_text(text)


def _kind_of_text(text: str) -> str:
    begins = text.lstrip("\ufeff \t\r\n").lower().encode()
    if begins.startswith(_PAGES):
        return "is a web page, not a recording: the download went to a page such as a login; download it again"
    if begins.startswith((b"{", b"[")):
        return f"is JSON text, not a recording: it begins {_shown(text)}"
    if begins.startswith(b"<"):
        return f"is XML text, not a recording: it begins {_shown(text)}"
    return f"is text, not a recording: it begins {_shown(text)}"


def format_name(path: Path) -> str | None:
    """Return the name of a sound format that libsndfile does not read and that the first bytes tell of. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(16)
    for at, magic, name in _FORMATS:
        if head[at : at + len(magic)] == magic:
            return name
    return None


def _as_text(head: bytes) -> str | None:
    for encoding in ("utf-8", "utf-16") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8",):
        try:
            text = head.decode(encoding, errors="strict")
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:  # anywhere but in a character that the last byte read cuts through
                continue
            text = head[: error.start].decode(encoding)
        if all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text):
            return text
    return None


def _shown(text: str) -> str:
    return repr(" ".join(text.replace("\ufeff", "").split())[:_SHOWN])
