# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The connection options that all modules share."""

    DOCUMENTATION = r"""
options:
  api_token:
    description:
      - A Cloudflare API token with the permission C(Realtime) or C(Realtime Admin) for the account.
      - If it is not set or empty, the value of the environment variable E(CLOUDFLARE_API_TOKEN) is used.
        This variable, like the others named here, is read on the target, not on the control node.
    type: str
  account_id:
    description:
      - The Cloudflare account that the app belongs to.
      - If it is not set or empty, the value of the environment variable E(CLOUDFLARE_ACCOUNT_ID) is used.
    type: str
  app_id:
    description:
      - The RealtimeKit app that the meetings and livestreams belong to. M(streamops.realtimekit.rtk_app_info) lists the account's apps,
        and ignores this option.
      - If it is not set or empty, the value of the environment variable E(CLOUDFLARE_REALTIMEKIT_APP_ID) is used.
    type: str
  api_url:
    description:
      - The address of the API, without the account's path.
      - If it is not set or empty, that of the environment variable E(CLOUDFLARE_BASE_URL) is used, and without that,
        V(https://api.cloudflare.com/client/v4).
      - V(http://) is refused unless the host is a loopback address, since the token would cross the network in clear.
        Such an address is reached without a proxy, whatever the environment says.
    type: str
  api_timeout:
    description:
      - How many seconds to wait for a connection to each address of the host, for the TLS handshake, and for each read of an answer.
        A whole answer may take twice as long.
      - A number from V(0.001) to V(3600).
      - If it is not set or empty, that of the environment variable E(CLOUDFLARE_API_TIMEOUT) is used, and without that, V(30).
    type: str
  api_retries:
    description:
      - How often a request is sent again after the first try, a whole number from V(0) to V(100). V(0) turns retries off.
      - Every request is sent again if its connection did not open and when the API refuses it for its rate (429). A proxy that refuses is
        asked once more, and one that does not know its user (407) is not. Requests that only read
        are sent again, too, after a timeout, a dropped connection, an HTTP status 408 or 5xx, and an answer that cannot be read.
        A request that writes never is, unless the state at the API shows that it had no effect.
      - The pause before the next try is drawn from the upper half of 0.5 seconds, then of 1, 2, 4, and from there on of 8. It is never
        shorter than what the API asks for in C(Retry-After).
        If it asks for more than 300 seconds the task fails at once and says when to come back.
      - If it is not set or empty, that of the environment variable E(CLOUDFLARE_API_RETRIES) is used, and without that, V(4).
    type: str
  task_timeout:
    description:
      - After so many seconds, a whole number from V(1) to V(86400), the task sends no new requests. Requests under way may finish,
        which takes at most four times O(api_timeout).
      - The task then fails. Its result says of each target whether it is done, in doubt, broken off, not waited for to the end, or
        not begun. What is done stays done, and a second run does the rest.
      - If it is not set or empty, a task takes as long as its work needs.
    type: str
  validate_certs:
    description:
      - Whether the certificate of the API is verified. Leave it on, except towards a test server of your own.
    type: bool
    default: true
  ca_path:
    description:
      - The path, on the target, of a file or folder of CA certificates to verify the API's certificate with.
      - Without it, the certificates that the C(requests) library comes with or finds are used.
    type: path
requirements:
  - Python >= 3.8 on the target
  - requests >= 2.28 for that Python
  - PySocks for that Python, if a SOCKS proxy is used
"""
