"""Set-up: what it decides, and the sentence that each trouble gets."""

import errno
import os
import stat
import subprocess
from pathlib import Path

import pytest
from setup import (
    assets,
    commands,
    environment,
    folders,
    packages,
    steps,
    venv,
)
from setup.folders import Folders
from setup.steps import FailedError, Steps, TroubleError


def failed(output: str, command: str = "apt-get") -> FailedError:
    return FailedError([command], 100, output)


# Packages


def test_only_missing_packages_are_installed():
    wanted = [packages.Package("gettext"), packages.Package("nginx-light", ("/usr/sbin/nginx",)), packages.Package("x")]
    assert packages.missing(wanted, {"gettext"}, {"/usr/sbin/nginx"}.__contains__) == ["x"]


@pytest.mark.parametrize(
    ("output", "word"),
    [
        ("dpkg: error: write failed: No space left on device\nE: Failed to fetch x", "disk is full"),
        ("E: dpkg was interrupted, you must manually run", "dpkg --configure -a"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "Another installation"),
        ("Err:1 Temporary failure resolving 'mirror.example.org'\nE: Unable to locate package gettext", "network"),
        ("E: Unable to locate package gettext", "Debian 12"),
        ("E: Package 'gettext' has no installation candidate", "do not have gettext"),
    ],
)
def test_each_failure_of_apt_gets_a_sentence(output: str, word: str):
    assert word in (packages.apt_trouble(output, ["gettext"]) or "")


def test_an_unknown_failure_of_apt_is_not_explained_away():
    assert packages.apt_trouble("E: something new", ["gettext"]) is None


def test_without_root_and_sudo_the_sentence_names_the_command(quiet: Steps, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(TroubleError, match="apt-get install gettext"):
        packages.become_root(quiet, 1000, "apt-get install gettext")


def test_root_needs_no_sudo(quiet: Steps):
    assert packages.become_root(quiet, 0, "") == []


def test_without_apt_the_sentence_names_the_system(quiet: Steps, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(TroubleError, match="Debian 12"):
        packages.ensure(quiet, [packages.Package("no-such-package")], uid=0)


def test_installing_puts_back_what_it_set_aside_even_when_apt_fails(tmp_path: Path):
    policy, conf = tmp_path / "policy-rc.d", tmp_path / "createcluster.d" / "gridmap.conf"
    policy.write_text("#!/bin/sh\nexit 0\n")
    seen = tmp_path / "seen"
    for name, body in {
        "apt-get": f"cp {policy} {seen}; cp {conf} {seen}.conf; exit 100",
        "dpkg-query": "exit 1",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    script = packages.INSTALL.replace("/usr/sbin/policy-rc.d", str(policy))
    script = script.replace("/etc/postgresql-common/createcluster.d/gridmap.conf", str(conf))
    env = {"PATH": f"{tmp_path}:{os.defpath}"}
    done = subprocess.run(["/bin/sh", "-c", script, "install", "x"], env=env, check=False, capture_output=True)
    assert done.returncode == 100
    assert "exit 101" in seen.read_text()  # while packages were unpacked, no server could start
    assert "create_main_cluster = false" in Path(f"{seen}.conf").read_text()
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert not conf.exists()


# Steps and sentences


def test_a_full_disk_is_told_as_such_whatever_ran_into_it(tmp_path: Path):
    full = OSError(errno.ENOSPC, "No space left on device", "/somewhere")
    for error in (full, failed("write: No space left on device", "psql")):
        assert "disk is full" in steps.explain(error, tmp_path / "log")


def test_an_unexplained_failure_shows_the_last_words_and_the_log(tmp_path: Path):
    told = steps.explain(failed("first\n\nlast words\n", "/usr/bin/psql"), tmp_path / "setup.log")
    assert "`psql` failed (code 100)" in told
    assert "last words" in told
    assert "setup.log" in told


def test_trouble_ends_with_a_sentence_and_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code = commands.run(tmp_path, ["load-city", "nowhere", str(tmp_path / "absent")])
    said = capsys.readouterr().err
    assert code == 1
    assert "is not a folder" in said
    assert "Traceback" not in said


def test_a_disk_with_too_little_space_is_refused_before_the_work(tmp_path: Path):
    with pytest.raises(TroubleError, match="Free some space"):
        folders.check_space(tmp_path / "not" / "yet", 10**12, "Everything")


def test_the_output_of_a_failed_command_is_kept(quiet: Steps):
    with pytest.raises(FailedError) as caught:
        quiet.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (caught.value.code, caught.value.output.split()) == (3, ["out", "err"])


def test_a_command_that_is_not_there_fails_like_one_that_does_not_work(quiet: Steps):
    with pytest.raises(FailedError) as caught:
        quiet.run(["/no/such/command"])
    assert caught.value.code == 127


# Folders


def test_a_checkout_in_a_closed_folder_keeps_its_state_outside_for_root(tmp_path: Path):
    closed = tmp_path / "closed"
    (closed / "checkout").mkdir(parents=True)
    closed.chmod(0o700)
    found = folders.find(closed / "checkout", uid=0, var_lib=Path("/var/lib"))
    assert found.state.parent == Path("/var/lib")
    assert found.service_person.name is None  # another user could not read the code


def test_an_ordinary_user_keeps_everything_in_the_checkout(tmp_path: Path):
    found = folders.find(tmp_path, uid=1000)
    assert found.state == tmp_path / ".local"
    assert found.database_person.name is None


def test_state_that_is_outside_stays_there_when_the_checkout_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(folders, "open_to_others", lambda folder: True)
    first = folders.find(tmp_path, uid=0, var_lib=tmp_path)
    (tmp_path / first.run.name / "pg").mkdir(parents=True)
    assert folders.find(tmp_path, uid=0, var_lib=tmp_path).state == tmp_path / first.run.name


def test_the_socket_of_a_checkout_with_a_long_path_is_still_short():
    found = folders.find(Path("/"), uid=1000)
    assert len(os.fsencode(found.db_socket / ".s.PGSQL.5432")) < 60


def test_a_socket_folder_that_is_a_link_of_somebody_else_is_refused(house: Folders):
    house.run.rmdir()
    house.run.symlink_to(house.root)
    with pytest.raises(TroubleError, match="belongs to somebody else"):
        folders.make_run(house)


def test_a_checkout_that_another_user_set_up_is_refused(house: Folders):
    house.local.mkdir()
    with pytest.raises(TroubleError, match="was set up by"):
        folders.check_owner(house, os.getuid() + 1)


# Environment file


def test_the_env_file_is_written_once_and_only_missing_names_are_added():
    held = "# mine\nGRIDMAP_SECRET_KEY=kept\nGRIDMAP_DB_HOST=db.example\n"
    fresh = {"GRIDMAP_SECRET_KEY": "new", "GRIDMAP_DB_HOST": "/run/x", "GRIDMAP_CITY": "demo"}
    assert environment.merged(held, fresh) == held + "GRIDMAP_CITY=demo\n"


def test_the_socket_follows_a_checkout_that_was_moved():
    held = "GRIDMAP_DB_HOST=/run/gridmap-0123456789/db\n"
    assert environment.merged(held, {"GRIDMAP_DB_HOST": "/run/b"}) == "GRIDMAP_DB_HOST=/run/b\n"


def test_the_env_file_is_for_its_owner_only_and_names_all_of_the_example(house: Folders):
    environment.write(house)
    assert stat.S_IMODE(house.env_file.stat().st_mode) == 0o600
    example = Path(__file__).resolve().parents[2] / ".env.example"
    assert set(environment.read(house.env_file)) >= set(environment.read(example))
    assert len(environment.read(house.env_file)["GRIDMAP_SECRET_KEY"]) >= 50


# Python packages and browser libraries


def test_a_changed_lock_file_is_installed_again(house: Folders):
    (house.root / "requirements.txt").write_text("a")
    before = venv.mark(house, "requirements.txt")
    (house.root / "requirements.txt").write_text("b")
    assert venv.mark(house, "requirements.txt") != before


def test_a_package_with_another_hash_is_told_of():
    told = venv.pip_trouble(failed("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "pip"), "requirements.txt")
    assert "not the one that requirements.txt names" in told


def test_an_unreachable_package_server_is_told_of():
    told = venv.pip_trouble(failed("NewConnectionError: Failed to establish", "pip"), "requirements.txt")
    assert "cannot be reached" in told


def test_a_broken_environment_is_made_again(house: Folders, quiet: Steps):
    house.python.parent.mkdir(parents=True)
    house.python.symlink_to("/no/such/python")
    assert not venv.works(house, quiet)


def test_without_node_the_sentence_says_what_to_remove(house: Folders):
    with pytest.raises(TroubleError, match=r"Remove the folder \.venv"):
        assets.npm_command(house)


def test_translations_are_compiled_when_their_source_is_newer(house: Folders, quiet: Steps):
    source = house.root / "locale" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
    assets.ensure_messages(house, quiet)
    assert assets.is_newer(source.with_suffix(".mo"), source)
