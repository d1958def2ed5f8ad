# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The options: their argument specs, environment variables, and checks before the first request."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from datetime import datetime
from typing import Any, Callable, Iterable, Mapping, TypeVar
from urllib.parse import urlsplit

from .._api.shapes import UUID, parse_time
from .._errors import InvalidInputError
from .._http.session import Connection

Number = TypeVar("Number", int, float)

CONNECTION_SPEC: dict[str, dict[str, Any]] = {
    "api_token": {"type": "str", "no_log": True},
    "account_id": {"type": "str"},
    "app_id": {"type": "str"},
    "api_url": {"type": "str"},
    "api_timeout": {"type": "str"},  # a string, so that an empty answer of a survey counts as not set
    "api_retries": {"type": "str"},
    "task_timeout": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

ENVIRONMENT = {
    "api_token": "CLOUDFLARE_API_TOKEN",
    "account_id": "CLOUDFLARE_ACCOUNT_ID",
    "app_id": "CLOUDFLARE_REALTIMEKIT_APP_ID",
    "api_url": "CLOUDFLARE_BASE_URL",
    "api_timeout": "CLOUDFLARE_API_TIMEOUT",
    "api_retries": "CLOUDFLARE_API_RETRIES",
}

API_URL = "https://api.cloudflare.com/client/v4"
DEFAULTS = {"api_url": API_URL, "api_timeout": 30.0, "api_retries": 4}

#: A value of each option that passes its check and hides that of the environment.
HARMLESS: dict[str, Any] = {
    "api_token": "-",
    "account_id": "-",
    "app_id": "-",
    "task_timeout": None,
    "validate_certs": True,
    "ca_path": None,
    **DEFAULTS,
}

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+")


def build_connection(params: Mapping[str, Any], environ: Mapping[str, str], *, has_app: bool = True) -> Connection:
    """Return the connection from a task's options and the target's environment, or raise InvalidInputError."""

    def value(option: str) -> tuple[Any, str]:
        """Return the option's value, and its name and source for an error."""
        given = params.get(option)
        if given is not None and given != "":
            return given, option
        variable = ENVIRONMENT[option]
        return environ.get(variable) or DEFAULTS.get(option), f"{option} (from the environment variable {variable})"

    def needed(option: str) -> str:
        text, source = value(option)
        if text is None:
            raise InvalidInputError(
                f"{option} is required: set it in the task, or set the environment variable {ENVIRONMENT[option]} on the target"
            )
        if option == "api_token":
            if not all("!" <= character <= "~" for character in text):
                raise InvalidInputError(f"{source} must be printable ASCII without spaces (the value is not shown here)")
            return str(text)
        return check_identifier(source, text)

    token, account_id, app_id = needed("api_token"), needed("account_id"), needed("app_id") if has_app else None
    url, source = value("api_url")
    url = _check_url(source, url)
    timeout, source = value("api_timeout")
    timeout = check_range(source, convert(source, timeout, float), 0.001, 3600.0, "seconds")
    retries, source = value("api_retries")
    retries = check_range(source, convert(source, retries, int), 0, 100, "retries")
    lifetime = params.get("task_timeout")
    if lifetime in (None, ""):
        lifetime = None
    else:
        lifetime = check_range("task_timeout", convert("task_timeout", lifetime, int), 1, 86400, "seconds")
    # A proxy would see the token of an http:// request, which is for loopback addresses.
    is_direct = urlsplit(url).scheme == "http" or _is_excepted(urlsplit(url).hostname or "", environ)
    return Connection(url, token, account_id, app_id, timeout, retries, _choose_verification(params), is_direct, lifetime)


def find_problems(params: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, InvalidInputError]:
    """What is wrong with each option of the connection by itself."""
    problems = {}
    for option in HARMLESS:
        try:
            build_connection({**HARMLESS, option: params.get(option)}, environ)
        except InvalidInputError as error:
            problems[option] = error
    return problems


def check_identifier(option: str, value: str) -> str:
    """Check an opaque id of the API, of any length."""
    if not IDENTIFIER.fullmatch(value):
        raise InvalidInputError(f"{option} is {value!r}: it must consist of letters, digits, '-' and '_' only")
    return value


def check_meeting_id(option: str, value: str) -> str:
    """Return a meeting's UUID in lower case, as the API does."""
    lowered = value.strip().lower()
    if not lowered:
        raise InvalidInputError(f"{option} has an empty value, perhaps from an empty survey field: it must be a meeting's UUID")
    if not UUID.fullmatch(lowered):
        raise InvalidInputError(f"{option} has {value!r}: it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff")
    return lowered


def check_given(params: Mapping[str, Any], options: Iterable[str]) -> None:
    """Check that one of these options has a value. Ansible counts an option that is null as given."""
    if all(params[option] is None for option in options):
        raise InvalidInputError(f"None of {', '.join(options)} has a value, perhaps because a variable is empty: give one of them")


def check_each(option: str, values: Iterable[Any], check: Callable[[str, Any], str]) -> list[str]:
    """Return the checked values in the order given, without duplicates."""
    return list(dict.fromkeys(check(option, value) for value in values))


def check_name(option: str, value: Any) -> str:
    """Return a name that is not blank. A number becomes its digits. Ansible's `str` would also accept a list."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidInputError(f"{option} has {value!r}: a name must be a string: quote it in YAML")
    if not str(value).strip():
        raise InvalidInputError(f"{option} has {value!r}: a name must not be empty")
    return str(value)


def check_new_name(option: str, value: Any) -> str:
    """Return a name for a new livestream. If the API trimmed it, each later run would create another one."""
    name = check_name(option, value)
    if name != name.strip().strip("\ufeff").strip():  # JavaScript treats a byte order mark as white space
        raise InvalidInputError(f"{option} has {name!r}: a name must not begin or end with white space, which the API may remove")
    return name


def check_range(option: str, value: Number, least: Number, most: Number, unit: str) -> Number:
    """Return a number in a closed range, which never contains nan."""
    if not least <= value <= most:
        raise InvalidInputError(f"{option} is {value}: it must be from {least:g} to {most:.7g} {unit}")
    return value


def check_date_time(option: str, value: str | None) -> datetime | None:
    """Return a point in time with its offset from UTC, in the form of RFC 3339."""
    if value is None:
        return None
    moment = parse_time(value)
    if moment is None:
        raise InvalidInputError(f"{option} is {value!r}: it must be a date and time such as 2026-11-20T09:00:00Z")
    return moment


def check_period(start_time: str | None, end_time: str | None) -> None:
    """Check two optional points in time in this order."""
    start, end = check_date_time("start_time", start_time), check_date_time("end_time", end_time)
    if start and end and start > end:
        raise InvalidInputError(f"start_time {start_time} is later than end_time {end_time}: swap them")


def convert(option: str, value: Any, kind: Callable[[Any], Number]) -> Number:
    """Return the number of a value."""
    try:
        return kind(value)
    except (OverflowError, TypeError, ValueError) as error:  # int(inf) overflows
        raise InvalidInputError(f"{option} is {value!r}: it must be {'a whole number' if kind is int else 'a number'}") from error


def _check_url(option: str, value: str) -> str:
    """Return the API's address. The token goes there, so it must be encrypted unless it stays on this machine."""
    value = value.strip()
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as error:  # its message can contain the address with a password
        raise InvalidInputError(f"{option} is not a valid URL (the value is not shown, because it may contain a password)") from error
    if "@" in value:
        raise InvalidInputError(f"{option} must not have a user or a password in it (they are not shown here)")
    # A "?" or "#" at the end would make a query or a fragment of every path.
    if not host or not {"?", "#"}.isdisjoint(value) or parts.scheme not in ("https", "http"):
        raise InvalidInputError(f"{option} is {value!r}: it must be a URL such as {API_URL}")
    if parts.scheme == "http" and not _is_loopback(host):
        raise InvalidInputError(
            f"{option} is {value!r}: http:// would send the token unencrypted and is allowed for loopback addresses only; use https://"
        )
    return value


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_excepted(host: str, environ: Mapping[str, str]) -> bool:
    """Return whether NO_PROXY has this IPv6 address, with or without brackets, or its network. requests handles only names and IPv4."""
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    for entry in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").replace(" ", "").split(","):
        found = re.fullmatch(r"\[(.*)\](:\d+)?", entry)
        try:
            if address in ipaddress.ip_network(found.group(1) if found else entry, strict=False):
                return True
        except ValueError:
            continue  # a name
    return False


def _choose_verification(params: Mapping[str, Any]) -> bool | str:
    """Return ``verify`` for requests: False for no check, the path of a CA bundle, or True for the default bundle."""
    ca_path = params.get("ca_path")
    if ca_path:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(**{"capath" if os.path.isdir(ca_path) else "cafile": ca_path})
        except (OSError, ValueError) as error:  # an SSLError is an OSError; a path with a NUL is a ValueError
            raise InvalidInputError(f"ca_path is {ca_path!r}: the target has no file or directory of CA certificates there") from error
    return params["validate_certs"] and (ca_path or True)
