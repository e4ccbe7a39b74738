"""Door, processes and services: nothing of anybody else's is taken or ended."""

import errno
import os
import signal
import socket
from pathlib import Path

import pytest
from setup import (
    commands,
    doors,
    processes,
    services,
    steps,
)
from setup.folders import Folders
from setup.steps import Steps, TroubleError

# Door


def test_a_busy_port_is_refused_with_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TroubleError, match=rf"Port {port} is used by another program.*--port \d+"):
            doors.check_port(port)


@pytest.mark.parametrize("port", [0, -1, 70000])
def test_a_number_that_is_no_port_is_refused(port: int):
    with pytest.raises(TroubleError, match="is not a port"):
        doors.check_port(port)


def test_a_port_for_root_only_is_told_of(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doors, "port_error", lambda port: errno.EACCES)
    with pytest.raises(TroubleError, match="only for root"):
        doors.check_port(80)


def test_the_last_port_is_used_again_unless_another_is_asked_for(house: Folders):
    house.local.mkdir()
    assert commands.choose_port(house, None) == 8000
    commands.port_file(house).write_text("8123\n")
    assert commands.choose_port(house, None) == 8123
    assert commands.choose_port(house, 8200) == 8200


def test_the_door_listens_to_this_machine_only(tmp_path: Path):
    told = doors.configuration(
        port=8000, work=tmp_path, sockets=tmp_path, static=tmp_path, worker_user="www-data", ipv6=True
    )
    listened = [line.split()[1] for line in told.splitlines() if line.strip().startswith("listen ")]
    assert listened == ["127.0.0.1:8000;", "[::1]:8000;"]
    assert "user www-data;" in told
    # what visitors send without a login is counted by address
    assert 'map $request_method $sender { default ""; POST $binary_remote_addr; }' in told
    assert "limit_req zone=visitors" in told[told.index("location = /report/") :]
    for room in ("report", "progress"):
        assert told[told.index(f"location = /{room}/") :].splitlines()[1].strip().startswith("limit_req zone=visitors")


# Processes and services


def process(
    pid: int, *, session: int, began: int = 5, folder: str = "/checkout", state: str = "S"
) -> processes.Process:
    return processes.Process(pid=pid, name="python", session=session, began=began, state=state, folder=folder)


def test_a_service_is_its_leader_and_what_the_leader_started():
    record = services.Record(pid=10, began=5, boot="b", fingerprint="f")
    others = [process(30, session=30), process(31, session=10, folder="/home"), process(32, session=10, state="Z")]
    ours = [process(10, session=10), process(11, session=10)]
    assert services.members(record, Path("/checkout"), "b", lambda: ours + others) == ours


def test_a_number_that_was_given_to_another_process_is_left_alone():
    record = services.Record(pid=10, began=5, boot="b", fingerprint="f")
    reused = [process(10, session=10, began=6), process(11, session=10)]
    assert services.members(record, Path("/checkout"), "b", lambda: reused) == []


def test_records_from_before_a_restart_of_the_machine_mean_nothing():
    record = services.Record(pid=10, began=5, boot="before", fingerprint="f")
    assert services.members(record, Path("/checkout"), "now", lambda: [process(10, session=10)]) == []


def sleeper(house: Folders) -> services.Service:
    command = ("/bin/sh", "-c", "sleep 600 & wait")
    return services.Service("sleeper", command, {"PATH": os.defpath}, steps.CALLER, lambda: True)


def test_a_running_service_is_left_alone_and_a_killed_one_started_again(house: Folders, quiet: Steps):
    house.pids.mkdir(parents=True)
    house.log.mkdir()
    keeper = services.Keeper(house, quiet)
    try:
        keeper.ensure(sleeper(house), "code")
        first = keeper.runs("sleeper")
        keeper.ensure(sleeper(house), "code")
        assert first is not None
        assert keeper.runs("sleeper") == first
        os.kill(first.pid, signal.SIGKILL)
        os.waitpid(first.pid, 0)
        keeper.ensure(sleeper(house), "code")
        second = keeper.runs("sleeper")
        assert second is not None
        assert second.pid != first.pid
    finally:
        assert keeper.stop("sleeper")
    assert keeper.living("sleeper") == []


def test_a_service_is_started_again_when_the_code_has_changed(house: Folders):
    assert sleeper(house).fingerprint("one") != sleeper(house).fingerprint("two")


def test_changed_code_is_noticed_and_changed_tests_are_not(house: Folders):
    before = services.code_fingerprint(house.root)
    (house.root / "tests").mkdir()
    (house.root / "tests" / "test_x.py").write_text("1")
    assert services.code_fingerprint(house.root) == before
    (house.root / "rule.py").write_text("1")
    assert services.code_fingerprint(house.root) != before


def test_a_service_that_ends_at_once_gets_its_last_words_shown(house: Folders, quiet: Steps):
    house.pids.mkdir(parents=True)
    house.log.mkdir()
    command = ("/bin/sh", "-c", "echo no such module; exit 1")
    broken = services.Service("broken", command, {"PATH": os.defpath}, steps.CALLER, lambda: False)
    with pytest.raises(TroubleError, match="no such module"):
        services.Keeper(house, quiet).ensure(broken, "code")
