"""The embedded Valkey: found again, recovered, closed to strangers."""

import os
import signal
import socket
from pathlib import Path

import pytest
import redis

from kezhou.local import ports
from kezhou.local.problems import LocalProblem
from kezhou.local.valkey import BROKER, CACHE, Valkey


def test_broker_and_cache_are_apart_and_both_ways_lead_there(valkey: Valkey) -> None:
    valkey.start()
    broker, cache = redis.Redis.from_url(valkey.url(BROKER)), redis.Redis.from_url(valkey.socket_url(CACHE))

    broker.set("name", "broker")
    cache.set("name", "cache")

    assert (broker.get("name"), cache.get("name")) == (b"broker", b"cache")
    broker.close()
    cache.close()


def test_without_the_password_nothing_is_answered(valkey: Valkey) -> None:
    address = valkey.start()
    stranger = redis.Redis(host=ports.LOOPBACK, port=address.port)

    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()


def test_the_password_stands_in_no_command_line(valkey: Valkey) -> None:
    address = valkey.start()
    password = (valkey.folder / "password").read_text()

    assert password not in Path(f"/proc/{address.pid}/cmdline").read_text()


def test_accepted_messages_survive_kill_minus_nine(valkey: Valkey) -> None:
    before = valkey.start()
    client = redis.Redis.from_url(valkey.url(BROKER))
    client.rpush("queue", "task")
    client.execute_command("WAITAOF", 1, 0, 5000)
    client.close()
    os.kill(before.pid, signal.SIGKILL)

    valkey.start()

    again = redis.Redis.from_url(valkey.url(BROKER))
    assert again.lrange("queue", 0, -1) == [b"task"]
    again.close()


def test_a_second_launcher_adopts_the_running_server(valkey: Valkey, home: Path) -> None:
    assert Valkey(home).start() == valkey.start()


def test_a_chosen_port_that_is_taken_is_told(home: Path) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        server = Valkey(home, port=port)
        with pytest.raises(LocalProblem, match=f"Port {port}, chosen for Valkey, is taken by "):
            server.start()
    server.remove()


def test_stopped_means_gone(valkey: Valkey) -> None:
    valkey.start()

    valkey.stop()

    assert valkey.address() is None
    assert not valkey.ready()
