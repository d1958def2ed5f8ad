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
      - If it is not set or empty, the module uses the environment variable E(CLOUDFLARE_API_TOKEN).
        The module reads this variable and the other ones on the target, not on the control node.
    type: str
  account_id:
    description:
      - The Cloudflare account of the app.
      - If it is not set or empty, the module uses the environment variable E(CLOUDFLARE_ACCOUNT_ID).
    type: str
  app_id:
    description:
      - The RealtimeKit app of the meetings and livestreams. M(streamops.realtimekit.rtk_app_info) lists the account's apps,
        and ignores this option.
      - If it is not set or empty, the module uses the environment variable E(CLOUDFLARE_REALTIMEKIT_APP_ID).
    type: str
  api_url:
    description:
      - The address of the API, without the account's path.
      - If it is not set or empty, the module uses the environment variable E(CLOUDFLARE_BASE_URL), and without it
        V(https://api.cloudflare.com/client/v4).
      - V(http://) is an error unless the host is a loopback address, because it would send the token unencrypted.
        The module never uses a proxy for such an address.
    type: str
  api_timeout:
    description:
      - How many seconds to wait for a connection to each address of the host, the TLS handshake, and each read of an answer.
        A whole answer can take twice as long.
      - A number from V(0.001) to V(3600).
      - If it is not set or empty, the module uses the environment variable E(CLOUDFLARE_API_TIMEOUT), and without it V(30).
    type: str
  api_retries:
    description:
      - How often to repeat a request after the first try, a whole number from V(0) to V(100).
      - The module repeats every request whose connection did not open or that the API refused because of the rate limit (429). It repeats
        a request once after the refusal of a proxy, but not if the proxy refuses the user (407). It also repeats reads
        after a timeout, a dropped connection, an HTTP status 408 or 5xx, or an unreadable answer.
        After these, it repeats a write only if a read shows that the write had no effect.
      - The pauses are random, in the upper half of 0.5, 1, 2, 4, and then 8 seconds, and never
        shorter than the API's C(Retry-After).
        If that is more than 300 seconds, the task fails at once and says when to try again.
      - If it is not set or empty, the module uses the environment variable E(CLOUDFLARE_API_RETRIES), and without it V(4).
    type: str
  task_timeout:
    description:
      - After this many seconds, a whole number from V(1) to V(86400), the task sends no new requests. Requests under way can finish,
        which takes at most four times O(api_timeout).
      - The task then fails. Its result reports each target as done, in doubt, not finished, or not begun. A second run does the rest.
      - If it is not set or empty, the task has no time limit.
    type: str
  validate_certs:
    description:
      - Whether to verify the certificate of the API. Disable this only for your own test server.
    type: bool
    default: true
  ca_path:
    description:
      - The path, on the target, of a file or folder of CA certificates that verify the API's certificate.
      - By default, the certificates that the C(requests) library includes or finds.
    type: path
requirements:
  - Python >= 3.8 on the target
  - requests >= 2.28 for that Python
  - PySocks for that Python, to use a SOCKS proxy
"""
