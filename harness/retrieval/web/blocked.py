"""Services that answer without having searched: captchas, consent pages, rate limits, engines that are shut out.

All of these can come with status 200, some of them with an empty list of results. What is no answer must not be kept as
"nothing found": it is a failure of that query, which the next collection asks again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.errors import WebError
from harness.retrieval.web.cleaning import clean, strip_tags
from harness.retrieval.web.protocol import Provider, SearchResult

_SHOWN_CHARACTERS = 100
_LOOKED_AT = 20_000  # characters of a page
_DEPTH = 4  # of a complaint: {"errors": [{"detail": {"message": "..."}}]}
_SHUT_OUT = re.compile(
    r"captcha|just a moment|are you (?:a )?(?:human|robot)|not a robot|unusual traffic|access denied|before you continue|"
    r"consent|verify (?:that )?you|attention required|bot detect|checking your browser|enable javascript",
    re.I,
)
_PASSING = re.compile(
    r"rate.?limit|too many|slow down|throttl|quota|overload|temporar|try again|busy|unavailable|time.?out|suspended",
    re.I,
)
_COMPLAINTS = ("error", "errors")  # a text here is a problem, whatever it says
_REMARKS = ("message", "detail", "details", "reason", "msg", "description", "title", "info", "warning", "warnings")
_DETAILS = ("code", "type", "status", *_REMARKS, "text", "name", *_COMPLAINTS)  # in this order
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,1000})", re.I)


def read_results(provider: Provider, answer: Any) -> list[SearchResult]:
    """Return a provider's results in a decoded answer. Raises `WebError`, also for an empty answer with a complaint in it."""
    try:
        results = provider.results(answer)
    except WebError as error:
        if error.type == "BadResponse" and (complaint := _complaint(answer, any_remark=True)):
            raise _problem(complaint) from error
        raise
    if not results and (complaint := _complaint(answer, any_remark=False)):
        raise _problem(complaint)
    return results


def no_answering_engine(engines: object) -> WebError | None:
    """Return the failure that SearXNG's `unresponsive_engines` tell of, where there was no result; `None` for none.

    Each is a name with a reason: `["google", "CAPTCHA"]`.
    """
    if not isinstance(engines, Sequence) or isinstance(engines, str) or not engines:
        return None
    reasons = [" ".join(_texts(engine)) for engine in engines]
    named = ", ".join(_engine(engine) for engine in engines[:10]) + (", ..." if len(engines) > 10 else "")
    for_long = all(re.search(r"captcha|suspended|denied|too many", reason, re.I) for reason in reasons)
    return WebError(
        "Blocked",
        f"no result, and these of its engines did not answer: {named}. Ask again later, or choose other engines in its settings",
        transient=not for_long,
    )


def page_for_json(content: bytes, problem: str) -> WebError:
    """Return the failure of a service that sent something else than JSON; `problem` says what, and the start is quoted."""
    page = content[:_LOOKED_AT].decode("utf-8", "replace")
    shown = quoted(content)
    if _SHUT_OUT.search(page):
        return WebError(
            "Blocked", f"{problem}: {shown}. It asks for a captcha or a consent: ask again later, and less often"
        )
    if _PASSING.search(shown):
        return WebError("Blocked", f"{problem}: {shown}. Ask again later, and less often", transient=True)
    return WebError("WrongType", f"{problem}: {shown}")


def quoted(content: bytes) -> str:
    """Return the title of a page or the start of a text, in quotation marks: at most a hundred characters, made safe."""
    text = content[:_LOOKED_AT].decode("utf-8", "replace")
    title = _TITLE.search(text)
    line = clean(title[1] if title else strip_tags(text), _SHOWN_CHARACTERS)
    return f'"{line}"' if line else "nothing"


def _problem(complaint: str) -> WebError:
    shown = clean(complaint, 2 * _SHOWN_CHARACTERS)
    if _SHUT_OUT.search(complaint) or _PASSING.search(complaint):
        return WebError("Blocked", f"the service did not search: {shown}", transient=not _SHUT_OUT.search(complaint))
    return WebError("Rejected", f"the service did not search: {shown}")


def _complaint(answer: object, *, any_remark: bool) -> str:
    """Return what an answer says is wrong, or an empty text. Remarks count when they tell of a limit, or with `any_remark`."""
    if not isinstance(answer, Mapping):
        return ""
    for key in _COMPLAINTS:
        if answer.get(key):
            return ": ".join(_texts(answer[key])) or key
    remarks = ": ".join(text for key in _REMARKS for text in _texts(answer.get(key)))
    status = answer.get("status", answer.get("code"))
    failed = (
        (isinstance(status, int) and status >= 400)
        or (isinstance(status, str) and status.lower() in ("error", "fail", "failed", "failure"))
        or str(answer.get("type", "")).lower().startswith("error")
        or answer.get("success") is False
        or answer.get("ok") is False
    )
    if failed:
        return remarks or f"status {status}"
    return remarks if any_remark or _SHUT_OUT.search(remarks) or _PASSING.search(remarks) else ""


def _engine(engine: object) -> str:
    name, *reason = [clean(text, 40) for text in _texts(engine)] or ["unnamed"]
    return f"{name} ({' '.join(reason)})" if reason else name


def _texts(value: object, depth: int = _DEPTH) -> Iterator[str]:
    """Yield the texts and numbers of a complaint, however it is nested."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
    elif depth and isinstance(value, Mapping):
        for key in _DETAILS:
            yield from _texts(value.get(key), depth - 1)
    elif depth and isinstance(value, Sequence) and not isinstance(value, str):
        for part in value[:3]:
            yield from _texts(part, depth - 1)
