# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source `webhook` with deliveries that the simulator signs, without ansible-rulebook: tests/eda has that."""

from __future__ import annotations

import asyncio
import base64
import json
import runpy
import socket
import ssl
import time
from pathlib import Path
from typing import Any, Callable, Coroutine

import aiohttp
import pytest
import requests
import trustme
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from simulator import Simulator
from simulator.deliveries import Signer

PATH = Path(__file__).resolve().parents[2] / "extensions/eda/plugins/event_source/webhook.py"
STARTED: dict[str, Any] = {"event": "meeting.started", "meeting": {"id": "m"}}

Story = Callable[["Receiver"], Coroutine[Any, Any, None]]


@pytest.fixture
def source() -> dict[str, Any]:
    """The file as ansible-rulebook runs it, new for each test, because some change its limits."""
    return runpy.run_path(str(PATH))


class Receiver:
    """The source as it listens, and a client that delivers to it."""

    def __init__(self, queue: asyncio.Queue[Any], port: int, signer: Signer, scheme: str) -> None:
        self.queue, self.signer = queue, signer
        self.url = f"{scheme}://localhost:{port}/any/path?x=1"

    async def send(self, body: bytes, method: str = "POST", tls: Any = None, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with aiohttp.ClientSession() as session, session.request(method, self.url, data=body, headers=named, ssl=tls) as answer:
            return answer.status

    async def deliver(self, payload: Any, delivery_id: str = "d-1", prefix: str = "rtk", **options: Any) -> int:
        body = json.dumps(payload).encode()
        headers = {f"{prefix}-signature": self.signer.sign(body), f"{prefix}-uuid": delivery_id, f"{prefix}-webhook-id": "w-1"}
        return await self.send(body, **headers, **options)

    def taken(self) -> list[Any]:
        return [self.queue.get_nowait() for _unused in range(self.queue.qsize())]


def find_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listen(source: dict[str, Any], story: Story, *, signer: Signer | None = None, room: int = 0, **args: Any) -> None:
    """Run the source until the story has ended. ``room``: how many events the queue takes, 0 for all."""

    async def run() -> None:
        known, port = signer or Signer(), find_free_port()
        queue: asyncio.Queue[Any] = asyncio.Queue(room)
        key = {} if "public_key_url" in args or "public_key_file" in args else {"public_key": known.public_key}
        task = asyncio.create_task(source["main"](queue, {"port": port, **key, **args}))
        for _unused in range(3000):
            await asyncio.sleep(0.02)
            with socket.socket() as probe:
                if task.done() or probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        try:
            await story(Receiver(queue, port, known, "https" if "certfile" in args else "http"))
            assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize("prefix", ["rtk", "dyte"])
def test_signed_delivery_is_an_event(source: dict[str, Any], prefix: str) -> None:
    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED, prefix=prefix) == 200
        assert receiver.taken() == [{"payload": STARTED, "meta": {"webhook_id": "w-1", "delivery_id": "d-1"}}]

    listen(source, story)


def test_wrong_or_missing_signature_is_refused(source: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    async def story(receiver: Receiver) -> None:
        body = json.dumps({**STARTED, "streamKey": "k" * 40}).encode()
        right = receiver.signer.sign(body)
        for signature in (
            "",
            "x",
            "=",
            "ü".encode().decode("latin-1"),
            right[:-4],
            right[::-1],
            Signer().sign(body),
            receiver.signer.sign(b""),
        ):
            assert await receiver.send(body, rtk_signature=signature) == 401
        assert await receiver.send(body) == 401
        assert await receiver.send(body + b" ", rtk_signature=right) == 401
        assert receiver.taken() == []
        assert await receiver.send(body, rtk_signature=right) == 200

    listen(source, story)
    assert "k" * 40 not in caplog.text
    assert "refused with 401" in caplog.text


def test_delivery_that_was_seen_is_answered_and_sends_nothing(source: dict[str, Any]) -> None:
    async def story(receiver: Receiver) -> None:
        assert [await receiver.deliver(STARTED, delivery_id) for delivery_id in ("a", "a", "b", "a")] == [200] * 4
        assert [event["meta"]["delivery_id"] for event in receiver.taken()] == ["a", "b"]
        await asyncio.gather(*(receiver.deliver(STARTED, "c") for _unused in range(10)))
        assert len(receiver.taken()) == 1
        body = json.dumps(STARTED).encode()
        for _unused in range(2):
            assert await receiver.send(body, rtk_signature=receiver.signer.sign(body)) == 200
        assert [event["meta"]["delivery_id"] for event in receiver.taken()] == [None, None]

    listen(source, story)


def test_number_of_remembered_delivery_ids_is_limited(source: dict[str, Any]) -> None:
    source["Receiver"].answer.__globals__["MOST_SEEN"] = 2

    async def story(receiver: Receiver) -> None:
        for delivery_id in "abcca":
            await receiver.deliver(STARTED, delivery_id)
        assert [event["meta"]["delivery_id"] for event in receiver.taken()] == ["a", "b", "c", "a"]

    listen(source, story)


def test_body_may_have_one_mebibyte(source: dict[str, Any]) -> None:
    async def story(receiver: Receiver) -> None:
        def of_size(size: int) -> bytes:
            return b'{"x": "' + b"a" * (size - 9) + b'"}'

        for size, status in ((2**20, 200), (2**20 + 1, 413)):
            body = of_size(size)
            assert await receiver.send(body, rtk_signature=receiver.signer.sign(body)) == status

        async def drip() -> Any:
            for _unused in range(40):
                yield b"a" * 2**16

        # Without a content length.
        async with aiohttp.ClientSession() as session, session.post(receiver.url, data=drip()) as answer:
            assert answer.status == 413

    listen(source, story)


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"null", b"{", b"\xff", b'{"x": ' * 100_000], ids=lambda body: body[:8])
def test_signed_body_that_is_not_an_object_is_refused(source: dict[str, Any], body: bytes) -> None:
    async def story(receiver: Receiver) -> None:
        assert await receiver.send(body, rtk_signature=receiver.signer.sign(body)) == 400
        assert receiver.taken() == []

    listen(source, story)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_method_is_refused(source: dict[str, Any], method: str) -> None:
    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED, method=method) == 405

    listen(source, story)


def test_stream_keys_are_removed_at_any_depth(source: dict[str, Any]) -> None:
    key = "9f2c-stream-key-of-the-contract-tests-77ab"
    payload = {
        "streamKey": key,
        "stream_key": None,
        "meeting": [{"livestream": {"StreamKey": "other-key-1234", "name": "Main"}}],
        "ingest": f"rtmps://live.test/{key}",
        f"of {key}": 1,
    }

    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(payload) == 200
        (event,) = receiver.taken()
        assert event["payload"] == {
            "meeting": [{"livestream": {"name": "Main"}}],
            "ingest": "rtmps://live.test/********",
            "of ********": 1,
        }

    listen(source, story)


def test_event_that_is_not_taken_is_sent_again(source: dict[str, Any]) -> None:
    source["Receiver"].answer.__globals__["PATIENCE"] = 0.2

    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED, "a") == 200
        assert await receiver.deliver(STARTED, "b") == 503
        receiver.taken()
        assert await receiver.deliver(STARTED, "b") == 200
        assert len(receiver.taken()) == 1

    listen(source, story, room=1)


def test_body_that_does_not_come_is_given_up(source: dict[str, Any]) -> None:
    source["Receiver"].answer.__globals__["PATIENCE"] = 0.2

    async def story(receiver: Receiver) -> None:
        async def stall() -> Any:
            yield b"{"
            await asyncio.sleep(30)

        async with aiohttp.ClientSession() as session, session.post(receiver.url, data=stall()) as answer:
            assert answer.status == 408

    listen(source, story)


# TLS


def test_tls(source: dict[str, Any], tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED, tls=trusted) == 200
        assert len(receiver.taken()) == 1
        with pytest.raises(aiohttp.ClientError):
            await receiver.deliver(STARTED)
        old = ssl.create_default_context()
        authority.configure_trust(old)
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            await receiver.deliver(STARTED, tls=old)

    listen(source, story, certfile=str(tmp_path / "cert.pem"), keyfile=str(tmp_path / "key.pem"))


@pytest.mark.parametrize(("host", "warns"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_address_of_the_network_without_tls_is_a_warning(
    source: dict[str, Any], caplog: pytest.LogCaptureFixture, host: str, warns: bool
) -> None:
    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED) == 200

    listen(source, story, host=host)
    assert ("put a TLS proxy in front" in caplog.text) == warns


# The key


def test_key_from_a_file_that_changes(source: dict[str, Any], tmp_path: Path) -> None:
    old, path = Signer(), tmp_path / "key.pem"
    path.write_text(old.public_key)

    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED, "a") == 200
        receiver.signer.change()
        path.write_text(receiver.signer.public_key)
        assert await receiver.deliver(STARTED, "b") == 200

    listen(source, story, signer=old, public_key_file=str(path))


def test_simulator_delivers_and_changes_its_key(source: dict[str, Any], sim: Simulator) -> None:
    """All of it: the webhook at the API, the key from its address, deliveries, and a key that changes."""
    started = sim.world.start(sim.meetings[0])

    async def story(receiver: Receiver) -> None:
        async def control(path: str, **body: Any) -> Any:
            return (await asyncio.to_thread(requests.post, f"{sim.control_url}/{path}", json=body, timeout=10)).json()

        made = await control("webhooks", name="Bus", url=receiver.url, events=["livestreaming.statusUpdate"])
        await control("webhooks", name="Off", url=receiver.url, events=["livestreaming.statusUpdate"], enabled=False)
        assert (await control("deliveries", payload=STARTED)) == {"deliveries": []}
        sent = await control("deliveries", livestream_id=started.id, status="LIVE", delivery_id="a")
        assert sent == {"deliveries": [{"webhook_id": made["id"], "status": 200}]}
        (event,) = receiver.taken()
        assert event["meta"] == {"webhook_id": made["id"], "delivery_id": "a"}
        assert (event["payload"]["event"], event["payload"]["status"]) == ("livestreaming.statusUpdate", "LIVE")
        assert event["payload"]["streamId"] == started.id
        assert started.stream_key not in json.dumps(event)

        async def status_of(**body: Any) -> Any:
            return (await control("deliveries", livestream_id=started.id, **body))["deliveries"][0]["status"]

        assert await status_of(signature="wrong") == 401
        assert await status_of(signature="none") == 401
        assert await status_of(headers="dyte") == 200
        # The wrong signature had the key read again a moment ago, so the new one is not looked for yet.
        assert await status_of(new_key=True) == 401
        source["PublicKey"].refresh.__globals__["KEY_PAUSE"] = 0
        assert await status_of() == 200

    listen(source, story, public_key_url=f"{sim.url}/.well-known/webhooks.json")


def test_without_a_key_cloudflare_must_send_again(source: dict[str, Any], sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    async def story(receiver: Receiver) -> None:
        assert await receiver.deliver(STARTED) == 503
        assert receiver.taken() == []

    began = time.monotonic()
    listen(source, story, public_key_url=f"{sim.url}/nothing-here")
    assert time.monotonic() - began < 5
    assert "The public key could not be read (the address answered" in caplog.text


# Arguments


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"port": None}, "port is required"),
        ({"port": 70000}, "port is required"),
        ({"hosts": "x"}, "'hosts' is not an argument of this source"),
        ({"public_key": "x", "public_key_url": "https://x"}, "public_key and public_key_url cannot be combined"),
        ({"certfile": "x"}, "certfile and keyfile belong together"),
        ({"public_key_url": "http://keys.test"}, "public_key_url must begin with https://"),
        ({"public_key": "x"}, "it is not a public key in PEM"),
    ],
)
def test_mistake_ends_the_source_before_it_listens(source: dict[str, Any], args: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        asyncio.run(source["main"](asyncio.Queue(), {"port": find_free_port(), **args}))


def test_key_of_another_kind_is_refused(source: dict[str, Any]) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ValueError, match="it is not an RSA key"):
        source["parse_key"](key.decode())


@pytest.mark.parametrize("document", [[], {}, {"data": []}, {"data": {"publicKey": 1}}], ids=str)
def test_document_without_a_key_is_refused(source: dict[str, Any], document: Any) -> None:
    async def run() -> None:
        async def answer(_request: Any) -> Any:
            return aiohttp.web.json_response(document)

        runner = aiohttp.web.ServerRunner(aiohttp.web.Server(answer))
        await runner.setup()
        port = find_free_port()
        await aiohttp.web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            with pytest.raises(ValueError, match=r"no data\.publicKey"):
                await source["fetch_key"](f"http://127.0.0.1:{port}/")
        finally:
            await runner.cleanup()

    asyncio.run(run())


def test_documentation_has_every_argument(source: dict[str, Any]) -> None:
    options = yaml.safe_load(source["DOCUMENTATION"])["options"]
    assert set(options) == set(source["ARGUMENTS"])
    assert options["public_key_url"]["default"] == source["WELL_KNOWN"]
    assert yaml.safe_load(source["EXAMPLES"])[0]["sources"][0].keys() == {"streamops.realtimekit.webhook"}


def test_signature_is_base64_of_the_raw_body() -> None:
    """So that the simulator and the source do not share a mistake: the API's reference says PKCS#1 v1.5 with SHA-256, in base64."""
    signer = Signer()
    assert len(base64.b64decode(signer.sign(b"{}"), validate=True)) == 256
    assert signer.sign(b"{}") == signer.sign(b"{}")
