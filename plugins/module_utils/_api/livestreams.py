# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's livestreams: the endpoints.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

from __future__ import annotations

from typing import Any, Collection, Iterator, Mapping

from .._errors import ApiError, GoneError, NotFoundError
from .._http.client import AT_ONCE, Client, Departure
from . import shapes
from .meetings import Meetings
from .paging import Page, read_pages
from .shapes import Livestream, ignore, merge

#: How an API answers an operation that it does not have, or no longer has.
GONE = (404, 405, 410, 501)


class Livestreams:
    """The livestreams of one app. All methods raise the errors of `_errors`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        #: Every stream key of any answer, so that it can be hidden everywhere in the result.
        self.stream_keys: set[str] = set()
        self.meetings = Meetings(client)
        keys = self.stream_keys  # without a reference to self, which would keep the client and its connections alive
        client.on_payload = lambda payload: keys.update(shapes.find_stream_keys(payload.data))

    def active(self, meeting_id: str, *, must_exist: bool = False) -> Livestream | None:
        """Return the meeting's livestream that is LIVE, INVOKED, or ERRORED, or None.

        A 404 can mean "none active" or "no such meeting". With ``must_exist``, read
        the meeting then, and raise NotFoundError if it is absent.
        """
        try:
            return self.client.get(("meetings", meeting_id, "active-livestream"), lambda payload: shapes.parse_active(payload, meeting_id))
        except NotFoundError:
            pass  # the error of the next request must not have this one as its context
        if must_exist:
            self.meetings.prove(meeting_id)
        return None

    def start(
        self,
        meeting_id: str,
        *,
        name: str | None = None,
        video_config: Mapping[str, int] | None = None,
        departure: Departure = AT_ONCE,
    ) -> Livestream:
        """Start the meeting's livestream. The answer lacks the dates and ``disabled``. The name is the one that was sent."""
        body = {key: value for key, value in (("name", name), ("video_config", video_config)) if value is not None}
        known = {"name": name, "meeting_id": meeting_id}
        return self.client.post(
            ("meetings", meeting_id, "livestreams"), lambda payload: shapes.parse_livestream(payload, known), body, departure
        )

    def stop(self, meeting_id: str, *, departure: Departure = AT_ONCE) -> None:
        """Stop the livestream that is active in the meeting at that moment. The API takes no livestream id here."""
        self.client.post(("meetings", meeting_id, "active-livestream", "stop"), ignore, None, departure)

    def create(self, name: str, *, departure: Departure = AT_ONCE) -> Livestream:
        """Create an independent livestream. Names are not unique, so each call creates another one.

        The operation left the official SDKs in September 2026, and the reference
        still has it. If the API drops it, no create of this task is sent again.
        """
        try:
            return self.client.post(
                ("livestreams",), lambda payload: shapes.parse_livestream(payload, {"name": name}), {"name": name}, departure
            )
        except ApiError as error:
            if error is self.client.refusal or error.status not in GONE or not self.client.has_found:
                raise
            gone = GoneError(error.method, error.path, error.message, status=error.status, code=error.code, cf_ray=error.cf_ray)
            self.client.refuse(gone)
            raise gone from error

    def get(self, livestream_id: str) -> Livestream:
        """One livestream."""
        return self.client.get(("livestreams", livestream_id), shapes.parse_livestream)

    def sessions(self, livestream_id: str) -> list[dict[str, Any]]:
        """Return all sessions of a livestream, as SESSION_FIELDS."""
        pages = read_pages(self.client, ("livestreams", livestream_id), {}, shapes.find_sessions)
        return [shapes.parse_session(row) for page in pages for row in page.rows]

    def of_meeting(self, meeting_id: str) -> list[Livestream]:
        """Every livestream of a meeting, also those that have ended, with its ``sessions``, in the API's order.

        ``sessions`` are None if the answer has none of a livestream, or leaves out their seconds, because the reference does not
        have all of them: `sessions` reads them. A meeting that does not exist raises NotFoundError.
        """
        rows: list[dict[str, Any]] = []
        is_missing, page = False, None
        try:
            for page in read_pages(self.client, ("meetings", meeting_id, "livestream"), {}, shapes.find_history):
                rows.extend(page.rows)
        except NotFoundError:
            if page:
                raise
            is_missing = True  # the error of the next request must not have this one as its context
        if is_missing:
            self.meetings.prove(meeting_id)
        return [shapes.parse_history(row, meeting_id) for row in rows]

    def err_message(self, livestream_id: str) -> str | None:
        """Return why the livestream's active session failed, if the API says so."""
        try:
            path = ("livestreams", livestream_id, "active-livestream-session")
            sessions = self.client.get(path, lambda payload: shapes.find_sessions(payload.data))
        except NotFoundError:
            return None
        said = (shapes.parse_session(session)["err_message"] for session in sessions if isinstance(session, dict))
        return next((message for message in said if message), None)

    def has_list(self) -> bool:
        """Return whether the API answers the list of all livestreams without a 404."""
        try:
            self.client.get(("livestreams",), ignore, {"page_no": 1, "per_page": 1})
        except NotFoundError:
            return False
        return True

    def find(self, needs: Collection[str] = (), **filters: Any) -> Iterator[Livestream]:
        """Yield all matching livestreams, page by page on demand; ``filters`` as in `pages`.

        If a row lacks a field in ``needs``, read that livestream.
        """
        for page in self.pages(**filters):
            left_out = page.omitted.intersection(needs)
            for row in page.rows:
                yield merge(row, self.get(row["id"])) if any(row[field] is None for field in left_out) else row

    def pages(
        self,
        *,
        exclude_meetings: bool = False,
        first_page: int = 1,
        to_the_end: bool = False,
        is_eager: bool = False,
        **filters: str | None,
    ) -> Iterator[Page]:
        """Yield each page, with its matching livestreams and the fields that some of its rows lack.

        ``filters``: ``status``, ``start_time``, ``end_time``, ``sort_order``
        (ASC or DSC), sent if not None. ``exclude_meetings`` is checked here
        again. ``to_the_end`` and ``is_eager`` as in `read_pages`. An empty list may answer 404. Then check once that the app
        exists.
        """
        params = {key: value for key, value in filters.items() if value is not None}
        if exclude_meetings:
            params["exclude_meetings"] = "true"
        is_missing, page = False, None
        try:
            how: dict[str, Any] = {"first_page": first_page, "to_the_end": to_the_end, "is_eager": is_eager}
            for page in read_pages(self.client, ("livestreams",), params, shapes.find_livestreams, **how):
                omitted = frozenset(field for row in page.rows for field in shapes.ALL_FIELDS if field not in row)
                found = map(shapes.normalize, page.rows)
                rows = [livestream for livestream in found if not (exclude_meetings and livestream["meeting_id"])]
                yield page._replace(rows=rows, omitted=omitted)
        except NotFoundError:
            if page:
                raise
            is_missing = True  # the error of the next request must not have this one as its context
        if is_missing:
            yield Page([], number=first_page, sent_at=self.client.sent_at, is_missing=True)
            self.meetings.prove_app()
