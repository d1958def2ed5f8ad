# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""What can go wrong, as one tree.

RealtimeKitError
├── InvalidInputError           an option has a value that cannot be used; nothing was sent
├── DefectError                 this collection is at fault
├── StoppedError                the task had to end; nothing more was sent
│   ├── InterruptError          a signal told it to
│   └── TaskTimeoutError        its time was over
├── RequestError                a request failed
│   ├── NotSentError            certain: it never left, because its connection did not open
│   │   └── ProxyRefusedError   a proxy answered, and said no
│   ├── StaleStateError         certain too: the state that the write rests on had become too old, so it was not sent
│   ├── CertificateError        certain too: the other side could not prove who it is
│   ├── LostAnswerError         sent, and no answer that can be read: dropped, timed out, garbled
│   ├── RejectedAnswerError     an answer that this client refuses: a redirect, over the size limit
│   └── ApiError                the API answered, and said no
│       ├── BadRequestError     400
│       ├── NotFoundError       404, the only error that may mean "absent"
│       ├── ConflictError       409
│       ├── RateLimitedError    429
│       └── ServerError         408 and 5xx: the API does not say whether it acted
└── OutcomeError                the requests worked; the state is not what was asked for
    ├── NotBegunError           nothing was sent for this target, because all requests would fail alike
    ├── UnknownOutcomeError     a write was sent, and its effect cannot be read
    ├── NoEffectError           a write was sent, perhaps repeatedly, and no effect of it shows
    ├── OtherLivestreamError    another livestream than ours runs in the meeting
    ├── AbsentTitleError        no meeting has the title
    ├── DuplicateNameError      several livestreams, or several meetings, have the name
    ├── OtherNameError          the API, or another user, has given it another name than asked for
    ├── ErroredError            the export failed
    └── WaitTimeoutError        the state did not come in time
"""

from __future__ import annotations

from typing import Any, Iterator


class RealtimeKitError(Exception):
    """Anything that keeps a task from reaching, or reading, a livestream's state."""

    #: True when a write that ended so may have taken effect all the same.
    is_uncertain = False

    def details(self) -> dict[str, Any]:
        """What a failed task returns as ``error``; without a request all but the message are null."""
        return {"method": None, "path": None, "status": None, "code": None, "message": str(self), "cf_ray": None}


class InvalidInputError(RealtimeKitError):
    """An option's value cannot be used; the message names option, value and what would be right."""


class DefectError(RealtimeKitError):
    """An unforeseen exception. Its words may hold anything, so only its kind and place are shown."""

    def __init__(self, error: Exception) -> None:
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_name}, line {place.tb_lineno}" if place else "an unknown place"
        super().__init__(
            f"Bug in streamops.realtimekit: {type(error).__name__} in {where}. Please report it. "
            "If the task had sent a write, its outcome is unknown"
        )


class StoppedError(RealtimeKitError):
    """The task had to end before it sent this request.

    ``stage`` says how far it had come with the target, ``after`` is the error
    of the last try of this request, if there was one.
    """

    reason = "the task was stopped"

    def __init__(self, stage: str = "Not finished", reason: str = "", after: RequestError | None = None) -> None:
        self.reason = reason or self.reason
        self.after = after
        last = " (the last try: {})".format(str(after).rstrip(".")) if after else ""
        super().__init__(f"{stage}: {self.reason}{last}. Run the task again to do the rest")

    def at_stage(self, stage: str) -> StoppedError:
        """The same, for a target with which the task had come so far."""
        return type(self)(stage, self.reason, self.after)

    def details(self) -> dict[str, Any]:
        return {**(self.after.details() if self.after else super().details()), "message": str(self)}


class InterruptError(StoppedError):
    """The task was told to end by SIGINT, SIGTERM, or SIGHUP."""

    reason = "the task was interrupted"


class TaskTimeoutError(StoppedError):
    """The seconds that ``task_timeout`` gives were over, or not enough."""

    reason = "task_timeout is over"


class RequestError(RealtimeKitError):
    """A request to ``path`` (below the app's base path) failed; ``message`` says why."""

    def __init__(self, method: str, path: str, message: str) -> None:
        super().__init__(f"{method} {path}: {message}")
        self.method = method
        self.path = path
        self.message = message

    def details(self) -> dict[str, Any]:
        return {**super().details(), "method": self.method, "path": self.path, "message": self.message}


class NotSentError(RequestError):
    """Nothing reached the API, so any method may be sent again."""


class ProxyRefusedError(NotSentError):
    """The proxy will not connect to the API. ``is_final``: it refuses its user, and each further try could lock the account."""

    def __init__(self, method: str, path: str, message: str, *, is_final: bool) -> None:
        super().__init__(method, path, message)
        self.is_final = is_final


class StaleStateError(RequestError):
    """Not sent; the state must be read again before this write may leave."""


class CertificateError(RequestError):
    """The certificate is not valid; no second try will change that."""


class LostAnswerError(RequestError):
    """The request may have been carried out; no answer tells."""

    is_uncertain = True


class RejectedAnswerError(RequestError):
    """There was an answer, and it will be as unusable the next time."""

    is_uncertain = True


class ApiError(RequestError):
    """The API refused. ``status`` is the HTTP status, ``code`` and ``message`` are the API's own or null."""

    def __init__(
        self,
        method: str,
        path: str,
        message: str,
        *,
        status: int,
        code: Any = None,
        cf_ray: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(method, path, message)
        self.status = status
        self.code = code
        self.cf_ray = cf_ray
        self.retry_after = retry_after

    def __str__(self) -> str:
        code = "" if self.code is None else f" (code {self.code})"
        said = f"{self.method} {self.path} answered {self.status}{code}: {self.message}"
        advice = ADVICE.get(self.status)
        return f"{said if said.endswith(('.', '!', '?')) else said + '.'} {advice}" if advice else said

    def details(self) -> dict[str, Any]:
        return {**super().details(), "status": self.status, "code": self.code, "cf_ray": self.cf_ray}


ADVICE = {
    401: "The API refused the token: check api_token (CLOUDFLARE_API_TOKEN).",
    403: "The token is not allowed to do this. It needs the permission Realtime or Realtime Admin for this account, "
    "and RealtimeKit must be enabled there: check api_token and account_id.",
    404: "Not found: check the id, app_id, account_id, and api_url.",
    429: "The rate limit is used up: wait up to five minutes. Other clients of the same user also count.",
}


class BadRequestError(ApiError):
    """400: refused as it stands, which for a start may also mean that one is already active."""


class NotFoundError(ApiError):
    """404: absent, or so is what it belongs to."""


class ConflictError(ApiError):
    """409: the state at the API is not the one that this write needs."""


class RateLimitedError(ApiError):
    """429: not carried out, for any method."""


class ServerError(ApiError):
    """408, 5xx, or nothing but a 1xx: the API does not say whether it acted."""

    is_uncertain = True


class OutcomeError(RealtimeKitError):
    """The state is not the one asked for. ``cause`` is the request's error that this follows from, if one does."""

    def __init__(self, message: str, cause: RealtimeKitError | None = None) -> None:
        super().__init__(message)
        self.cause = cause

    def details(self) -> dict[str, Any]:
        details = self.cause.details() if self.cause else super().details()
        return {**details, "message": str(self)}


class NotBegunError(OutcomeError):
    """Nothing was sent for this target, because every other request would end like the one before."""


class UnknownOutcomeError(OutcomeError):
    """A write was sent, its answer is lost, and the state cannot be read either."""


class NoEffectError(OutcomeError):
    """A write was sent, its answer is lost, and no effect of it shows."""


class OtherLivestreamError(OutcomeError):
    """Another user's livestream runs where ours should."""


class AbsentTitleError(OutcomeError):
    """A meeting is asked for by a title that none has."""


class DuplicateNameError(OutcomeError):
    """Names are not unique at the API; this one stands for several livestreams or meetings."""


class OtherNameError(OutcomeError):
    """The API, or another user, has given it another name than asked for, so no later run would find it."""


class ErroredError(OutcomeError):
    """The livestream's export failed."""


class WaitTimeoutError(OutcomeError):
    """The status waited for did not come within the time given."""


def walk_causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and, one after another, those that it wraps."""
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        # A ProxyError has no reason, but an original_error; before urllib3 2.0 nothing else says that there was no connection.
        wrapped = [getattr(error, "reason", getattr(error, "original_error", None)), *error.args[:1], error.__cause__]
        if not error.__suppress_context__:
            wrapped.append(error.__context__)
        error = next((cause for cause in wrapped if isinstance(cause, BaseException)), None)
