# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The tree of errors.

RealtimeKitError
├── InvalidInputError           an option has a value that cannot be used; nothing was sent
├── DefectError                 this collection is at fault
├── StoppedError                the task must end; it sent no more requests
│   ├── InterruptError          because of a signal
│   └── TaskTimeoutError        because `task_timeout` is over
├── RequestError                a request failed
│   ├── NotSentError            no effect: it never left, because its connection did not open
│   │   └── ProxyRefusedError   a proxy refused the connection
│   ├── StaleStateError         no effect: the state behind the write was too old, so it was not sent
│   ├── HeldError               no effect: the rate limit would hold it back for longer than the task waits
│   ├── CertificateError        no effect: the certificate is not valid
│   ├── LostAnswerError         sent, without a readable answer: dropped, timed out, garbled
│   ├── RejectedAnswerError     an answer that this client refuses: a redirect, or too large
│   └── ApiError                the API refused the request
│       ├── BadRequestError     400
│       ├── NotFoundError       404, the only error that can mean "absent"
│       ├── ConflictError       409
│       ├── RateLimitedError    429
│       ├── GoneError           404, 405, 410, or 501 to a create while the app exists: the API no longer offers it
│       └── ServerError         408 and 5xx: the API does not say whether it acted
└── OutcomeError                the requests worked, but the state is not the wanted one
    ├── NotBegunError           no request for this target, because all would fail alike
    ├── UnknownOutcomeError     a write was sent, but its effect cannot be read
    ├── NoEffectError           a write was sent, perhaps several times, without an effect
    ├── OtherLivestreamError    another livestream than ours runs in the meeting
    ├── AbsentTitleError        no meeting has the title
    ├── DuplicateNameError      several livestreams, or several meetings, have the name
    ├── OtherNameError          the API, or another user, has given it another name
    ├── ErroredError            the export failed
    └── WaitTimeoutError        the state was not reached in time
"""

from __future__ import annotations

from typing import Any, Iterator


class RealtimeKitError(Exception):
    """The base of all errors of this collection."""

    #: True if a write that ended with this error may have taken effect.
    is_uncertain = False

    def details(self) -> dict[str, Any]:
        """Return the ``error`` of a failed task. Without a request, all keys except the message are null."""
        return {"method": None, "path": None, "status": None, "code": None, "message": str(self), "cf_ray": None}


class InvalidInputError(RealtimeKitError):
    """An option's value is not valid. The message has the option, the value, and the rule."""


class DefectError(RealtimeKitError):
    """An unexpected exception. Its text can contain secrets, so the message has only its type and place."""

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
    """The task must end, so it did not send this request.

    ``stage`` is the progress with the target. ``after`` is the error of the last
    try of this request, if there was one.
    """

    reason = "the task was stopped"

    def __init__(self, stage: str = "Not finished", reason: str = "", after: RequestError | None = None) -> None:
        self.reason = reason or self.reason
        self.after = after
        last = " (the last try: {})".format(str(after).rstrip(".")) if after else ""
        super().__init__(f"{stage}: {self.reason}{last}. Run the task again to do the rest")

    def at_stage(self, stage: str) -> StoppedError:
        """Return the same error with the progress of another target."""
        return type(self)(stage, self.reason, self.after)

    def details(self) -> dict[str, Any]:
        return {**(self.after.details() if self.after else super().details()), "message": str(self)}


class InterruptError(StoppedError):
    """SIGINT, SIGTERM, or SIGHUP ended the task."""

    reason = "the task was interrupted"


class TaskTimeoutError(StoppedError):
    """The ``task_timeout`` is over, or too short for the next pause."""

    reason = "task_timeout is over"


class RequestError(RealtimeKitError):
    """A request to ``path`` (below the app's base path) failed, and ``message`` has the reason."""

    def __init__(self, method: str, path: str, message: str) -> None:
        super().__init__(f"{method} {path}: {message}")
        self.method = method
        self.path = path
        self.message = message

    def details(self) -> dict[str, Any]:
        return {**super().details(), "method": self.method, "path": self.path, "message": self.message}


class NotSentError(RequestError):
    """The request did not reach the API, so any method may be sent again. ``at_proxy``: the proxy did not connect to the API."""

    def __init__(self, method: str, path: str, message: str, *, at_proxy: bool = False) -> None:
        super().__init__(method, path, message)
        self.at_proxy = at_proxy


class ProxyRefusedError(NotSentError):
    """The proxy does not connect to the API. ``is_final``: it refuses its user, and a retry could lock the account."""

    def __init__(self, method: str, path: str, message: str, *, is_final: bool) -> None:
        super().__init__(method, path, message, at_proxy=True)
        self.is_final = is_final


class StaleStateError(RequestError):
    """Not sent; the state must be read again before this write may leave."""


class HeldError(RequestError):
    """Not sent; the rate limit lets nothing pass for longer than the task waits."""


class CertificateError(RequestError):
    """The certificate is not valid, and a retry does not help."""


class LostAnswerError(RequestError):
    """The request may have taken effect, but its answer is lost."""

    is_uncertain = True


class RejectedAnswerError(RequestError):
    """The answer is unusable, and a retry does not help."""

    is_uncertain = True


class ApiError(RequestError):
    """The API refused. ``status`` is the HTTP status. ``code`` and ``message`` come from the API, or are null."""

    advice = ""  #: in place of that in ADVICE

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
        advice = self.advice or ADVICE.get(self.status)
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
    """400: the request is not valid. For a start, a livestream can also be active already."""


class NotFoundError(ApiError):
    """404: the resource is absent, or its meeting or app is."""


class ConflictError(ApiError):
    """409: the state at the API does not allow this write."""


class RateLimitedError(ApiError):
    """429: the request had no effect, for any method."""


class GoneError(ApiError):
    """404, 405, 410, or 501 to the create of an independent livestream while the app exists: no other create will do better."""

    advice = (
        "This API no longer offers independent livestreams. Use a meeting's livestream instead: rtk_meeting creates the meeting, "
        "and rtk_meeting_livestream starts its livestream."
    )


class ServerError(ApiError):
    """408, 5xx, or only a 1xx: the API does not say whether it acted."""

    is_uncertain = True


class OutcomeError(RealtimeKitError):
    """The state is not the wanted one. ``cause`` is the error of the request that led to this, if there is one."""

    def __init__(self, message: str, cause: RealtimeKitError | None = None) -> None:
        super().__init__(message)
        self.cause = cause

    def details(self) -> dict[str, Any]:
        details = self.cause.details() if self.cause else super().details()
        return {**details, "message": str(self)}


class NotBegunError(OutcomeError):
    """No request was sent for this target, because it would end like an earlier one."""


class UnknownOutcomeError(OutcomeError):
    """The answer to a write is lost, and the state cannot be read."""


class NoEffectError(OutcomeError):
    """The answer to a write is lost, and reads show no effect."""


class OtherLivestreamError(OutcomeError):
    """Another user's livestream is active in the meeting."""


class AbsentTitleError(OutcomeError):
    """No meeting has this title."""


class DuplicateNameError(OutcomeError):
    """Several livestreams, meetings, or webhooks have this name."""


class OtherNameError(OutcomeError):
    """The resource has another name than the wanted one, so no later run would find it."""


class ErroredError(OutcomeError):
    """The livestream's export failed."""


class WaitTimeoutError(OutcomeError):
    """The wait for a status has timed out."""


def walk_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and the exceptions that it wraps."""
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        # A ProxyError has an original_error instead of a reason. Before urllib3 2.0, only this shows that there was no connection.
        wrapped = [getattr(error, "reason", getattr(error, "original_error", None)), *error.args[:1], error.__cause__]
        if not error.__suppress_context__:
            wrapped.append(error.__context__)
        error = next((cause for cause in wrapped if isinstance(cause, BaseException)), None)
