"""What is looked at before a start, each told in one sentence."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kezhou.local import checks, ports
from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import service_user
from tests.local.conftest import as_user, needs_root


def test_a_taken_web_port_is_told_with_its_holder_and_the_way_out() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalProblem) as refused:
            checks.check_web_port(port, ports.LOOPBACK)

    assert str(refused.value).startswith(f"Port {port} is taken by ")
    assert str(refused.value).endswith("or choose another port with --port (make run PORT=8001).")


def test_a_port_on_which_two_web_servers_could_listen_is_taken_too() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind((ports.LOOPBACK, 0))
        taken.listen()

        assert ports.is_taken(taken.getsockname()[1])


def test_a_free_port_passes() -> None:
    checks.check_web_port(ports.free_port(), ports.LOOPBACK)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(
        LocalProblem, match=r"Kezhou cannot listen on 192\.0\.2\.1:8000 .*give an address of this machine"
    ):
        checks.check_web_port(8000, "192.0.2.1")


@pytest.mark.parametrize(("needed", "fits"), [(1, True), (2**62, False)])
def test_the_disk_is_measured_before_the_folder_exists(tmp_path: Path, needed: int, fits: bool) -> None:
    home = tmp_path / "not" / "yet"

    if fits:
        checks.check_disk(home, is_new=True, needed=needed)
    else:
        with pytest.raises(LocalProblem, match=r"Only \d+ MB are free on the disk of .*not/yet"):
            checks.check_disk(home, is_new=True, needed=needed)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@needs_root
def test_a_disk_too_small_for_a_new_installation_is_refused(small_disk: Path) -> None:
    with pytest.raises(LocalProblem, match=r"Only 16 MB are free on the disk of .*, and Kezhou wants 600 MB"):
        checks.check_disk(small_disk / "home", is_new=True)


@needs_root
def test_a_folder_that_one_may_not_write_is_told(tmp_path: Path) -> None:
    nobody = service_user()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o755)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 1:
            folder.chmod(0o755)
    script = (
        "import sys; from pathlib import Path; from kezhou.local import checks\n"
        "try: checks.check_folder(Path(sys.argv[1]))\n"
        "except Exception as problem: print(problem)\n"
    )

    ran = as_user(nobody, ["-c", script, str(closed / "home")], closed)

    assert ran.stdout.startswith(f"Kezhou cannot write in {closed / 'home'} (Permission denied); "), ran.stderr


def test_localhost_needs_no_dns() -> None:
    assert checks.domain_warning("localhost", ports.LOOPBACK) is None


def test_a_base_domain_without_a_wildcard_record_is_told() -> None:
    warning = checks.domain_warning("kezhou.invalid", "0.0.0.0")

    assert warning is not None
    assert "add a wildcard DNS record, *.kezhou.invalid (and kezhou.invalid itself)" in warning


def test_a_base_domain_that_points_elsewhere_while_we_listen_on_loopback_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("192.0.2.7", 0))])

    warning = checks.domain_warning("crm.example.com", ports.LOOPBACK)

    assert warning is not None
    assert warning.startswith("*.crm.example.com points to 192.0.2.7, but Kezhou listens on 127.0.0.1 only")
