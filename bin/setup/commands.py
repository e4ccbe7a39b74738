"""The commands behind the scripts in bin/: which step comes when."""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import assets, cities, doors, environment, gates, packages, services, trial, venv
from . import folders as places
from .cluster import Cluster
from .folders import Folders
from .steps import Steps, TroubleError, explain


def run(root: Path, words: Sequence[str]) -> int:
    """Runs one command and returns its exit code; trouble is told in a sentence, never in a traceback."""
    os.umask(0o022)  # other system users (nginx, the database's) must be able to read what is made
    os.environ.pop("PYTHONPATH", None)
    folders = places.find(root, uid=os.getuid())
    steps = Steps(folders.log / "setup.log")
    command, *rest = words
    try:
        return COMMANDS[command](folders, steps, rest)
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on from here.", file=sys.stderr, flush=True)
        return 130
    except Exception as error:
        note_down(steps.log)
        print(f"\n{explain(error, steps.log)}", file=sys.stderr, flush=True)
        return 1


def note_down(log: Path) -> None:
    """Keeps the traceback in the log; where even that cannot be written, the sentence has to do."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            traceback.print_exc(file=out)
    except OSError:
        return


@contextmanager
def alone(folders: Folders, steps: Steps) -> Iterator[None]:
    """Lets one set-up of a checkout run at a time; another one waits."""
    with (folders.local / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say("Another set-up of this checkout is running; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(folders: Folders, steps: Steps, *, checks: bool) -> None:
    """System packages, Python packages, browser libraries, translations, `.env` and the running cluster."""
    uid = os.getuid()
    wanted = packages.SITE + (packages.CHECKS if checks else ())
    packages.ensure(steps, wanted, uid=uid)
    packages.ensure_service_user(steps, uid=uid)
    places.make(folders)
    venv.ensure(folders, steps, venv.CHECKS if checks else venv.SITE)
    assets.ensure_libraries(folders, steps, checks=checks)
    assets.ensure_messages(folders, steps)
    environment.write(folders)
    cluster = Cluster(folders, steps)
    if not cluster.stamp.exists() or not cluster.running():
        with steps.step("Database cluster"):
            cluster.ensure()


def begin(folders: Folders) -> None:
    """Checks that the checkout is ours before anything is written to it."""
    places.check_owner(folders, os.getuid())
    folders.local.mkdir(exist_ok=True)


def demo(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Sets everything up, loads the demo city where that is the chosen one, and starts the site."""
    parser = argparse.ArgumentParser("bin/demo", description="Sets up and starts the site on this machine.")
    parser.add_argument("--port", type=int, metavar="N", help="the port to serve on (8000, or the last one used)")
    parser.add_argument("--setup-only", action="store_true", help="prepare everything, but start no site")
    options = parser.parse_args(words)
    begin(folders)
    keeper = services.Keeper(folders, steps)
    port = choose_port(folders, options.port)
    with alone(folders, steps):
        if not options.setup_only and not (keeper.runs("nginx") and port == remembered(folders)):
            free_port(keeper, port)
        set_up(folders, steps, checks=False)
        city = cities.chosen(folders)
        cities.ensure_database(folders, steps, city)
        if city == cities.DEMO:
            cities.manage(folders, ["load_demo"], city)
        code = services.code_fingerprint(folders.root)
        cities.collect_static(folders, steps, city, code)
        if options.setup_only:
            print("Everything is set up. `bin/demo` starts the site.", flush=True)
            return 0
        for service in services.all_services(keeper, city, port):
            keeper.ensure(service, code)
        port_file(folders).write_text(f"{port}\n")
    check_site(folders, port)
    print(f"\nThe site is at http://localhost:{port}/  (bin/stop ends it)\n", flush=True)
    if city == cities.DEMO:
        cities.manage(folders, ["demo_logins", "--url", f"http://localhost:{port}"], city)
    return 0


def stop(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Ends the services and the cluster of this checkout, and nothing else."""
    argparse.ArgumentParser("bin/stop", description="Stops what bin/demo started.").parse_args(words)
    begin(folders)
    keeper = services.Keeper(folders, steps)
    ended = [name for name in services.NAMES if keeper.stop(name)]
    if Cluster(folders, steps).stop():
        ended.append("database")
    print(f"Stopped: {', '.join(ended)}." if ended else "Nothing was running.", flush=True)
    return 0


def test(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Sets up what checks need and runs all of them; other arguments go to pytest."""
    parser = argparse.ArgumentParser("bin/test", description="Runs every check.", allow_abbrev=False)
    parser.add_argument("--all", action="store_true", help="also the long tests")
    options, rest = parser.parse_known_args(words)
    begin(folders)
    with alone(folders, steps):
        set_up(folders, steps, checks=True)
        name = cities.database_name(cities.city_file(folders.root, cities.DEMO))
        Cluster(folders, steps).create(name)
    env = cities.surroundings(folders, cities.DEMO)
    return gates.run_all(folders, env, long=options.all, words=rest)


def load_city(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Makes a city's own database and loads its files into it."""
    parser = argparse.ArgumentParser("bin/load-city", description="Loads a city from a folder of files.")
    parser.add_argument("city", help="a name in fixtures/cities or the path of a .toml file")
    parser.add_argument("folder", type=Path, help="the folder with the city's files")
    options = parser.parse_args(words)
    city, folder = str(options.city), options.folder.resolve()
    if not folder.is_dir():
        raise TroubleError(f"{folder} is not a folder. Give the folder that holds the city's files.")
    if city.endswith(".toml"):
        city = str(Path(city).resolve())
    cities.city_file(folders.root, city)
    begin(folders)
    with alone(folders, steps):
        set_up(folders, steps, checks=False)
        cities.ensure_database(folders, steps, city)
    cities.manage(folders, ["load_city", str(folder)], city)
    return 0


def try_profile(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Copies the city, puts a profile in force in the copy and serves it on a port of its own."""
    parser = argparse.ArgumentParser("bin/try-profile", description="Tries a profile on a copy of the city.")
    parser.add_argument("profile", nargs="?", help="a name in fixtures/profiles")
    parser.add_argument("--port", type=int, default=trial.PORT, metavar="N", help=f"({trial.PORT})")
    parser.add_argument("--copy-only", action="store_true", help="make the copy, but serve no pages")
    parser.add_argument("--drop", action="store_true", help="away with the copy")
    options = parser.parse_args(words)
    if bool(options.profile) == options.drop:
        parser.error("name a profile, or --drop")
    if options.profile:
        trial.profile_file(folders.root, options.profile)
    begin(folders)
    with alone(folders, steps):
        set_up(folders, steps, checks=False)
        city = cities.chosen(folders)
        copy = trial.trial_city(folders, city)
        if options.drop:
            trial.drop_database(Cluster(folders, steps), cities.database_name(Path(copy)))
            print("The copy is gone.", flush=True)
            return 0
        trial.copy_database(folders, steps, city, copy)
        cities.ensure_database(folders, steps, copy)
    cities.manage(folders, ["use_profile", options.profile, "--reason", "trial on a copy"], copy)
    return 0 if options.copy_only else trial.serve(folders, copy, options.port)


def screenshots(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Takes the README's pictures from the demo that runs here."""
    argparse.ArgumentParser("bin/screenshots", description="Takes the README's pictures.").parse_args(words)
    begin(folders)
    port = remembered(folders)
    if port is None or not services.Keeper(folders, steps).runs("nginx"):
        raise TroubleError("The demo is not running here. Start it with bin/demo, then run this again.")
    with alone(folders, steps):
        set_up(folders, steps, checks=True)
    cities.manage(folders, ["take_pictures", "--url", f"http://localhost:{port}"], cities.DEMO)
    return 0


def lock(folders: Folders, steps: Steps, words: Sequence[str]) -> int:
    """Writes both lock files anew from the requirements."""
    argparse.ArgumentParser("bin/lock", description="Writes the lock files anew.").parse_args(words)
    begin(folders)
    with alone(folders, steps):
        packages.ensure(steps, packages.SITE, uid=os.getuid())
        venv.ensure(folders, steps, venv.CHECKS)
    tool = [str(folders.venv / "bin" / "uv"), "pip", "compile", "--quiet", "--generate-hashes"]
    tool += ["--no-emit-index-url", "--no-header", "--python-version", "3.11"]
    for source, target in (("requirements.in", venv.SITE), ("requirements-dev.in", venv.CHECKS)):
        with steps.step(target):
            steps.run([*tool, source, "-o", target], cwd=folders.root)
    show = ["git", "--no-pager", "diff", "--stat", "--", venv.SITE, venv.CHECKS]
    return subprocess.run(show, cwd=folders.root, check=False).returncode


def port_file(folders: Folders) -> Path:
    """Remembers the port of the last start."""
    return folders.local / "port"


def remembered(folders: Folders) -> int | None:
    """The port of the last start, or None."""
    try:
        return int(port_file(folders).read_text())
    except (OSError, ValueError):
        return None


def choose_port(folders: Folders, asked: int | None) -> int:
    """The port that was asked for, else the last one, else the usual one."""
    return asked or remembered(folders) or doors.DEFAULT_PORT


def free_port(keeper: services.Keeper, port: int) -> None:
    """Sees to it that the port can be taken, before the long steps, so that nobody waits for a refusal."""
    if not keeper.runs("nginx"):
        keeper.stop("nginx")  # workers whose master was killed still hold their port
    doors.check_port(port)


def check_site(folders: Folders, port: int) -> None:
    """Asks for the first page as a browser would; a page that is broken is told of, with the place of the log."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(f"http://127.0.0.1:{port}/", timeout=30).close()
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise TroubleError(
                f"The site runs, but its first page fails ({error.code}). {folders.log / 'pages.log'} says:\n"
                + services.tail(folders.log / "pages.log")
            ) from error
    except OSError as error:
        raise TroubleError(
            f"The site does not answer on port {port} ({error}). Look into {folders.log}, or run bin/stop and bin/demo."
        ) from error


COMMANDS = {
    "demo": demo,
    "stop": stop,
    "test": test,
    "load-city": load_city,
    "try-profile": try_profile,
    "screenshots": screenshots,
    "lock": lock,
}
