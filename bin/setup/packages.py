"""Debian packages: only missing ones are installed, and none of them starts a server or takes a port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import folders as places
from .folders import SERVICE_USER
from .steps import FailedError, Steps, TroubleError

# Run as root, in one piece, so that whatever it sets aside is put back however it ends.
INSTALL = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/gridmap.conf
put_back() {
  rm -f "$policy" "$cluster"
  if [ -e "$policy.before-gridmap" ]; then mv "$policy.before-gridmap" "$policy"; fi
}
trap put_back EXIT
trap 'exit 130' INT TERM
# no package may start its server: nginx would take port 80, PostgreSQL would run a cluster nobody asked for
if [ -e "$policy" ] && [ ! -e "$policy.before-gridmap" ]; then mv "$policy" "$policy.before-gridmap"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"
if ! dpkg-query -W -f='${db:Status-Status}' postgresql-common 2>/dev/null | grep -qx installed; then
  mkdir -p "${cluster%/*}"
  echo 'create_main_cluster = false' >"$cluster"
fi
apt-get update -q
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
"""
MAKE_USER = "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin"


@dataclass(frozen=True)
class Package:
    """A Debian package; where one of `proofs` exists, something else provides it already."""

    name: str
    proofs: tuple[str, ...] = ()


SITE = (
    Package("postgresql-15"),
    Package("postgresql-15-postgis-3"),
    Package("nginx-light", ("/usr/sbin/nginx",)),
    Package("fonts-noto-cjk"),
    Package("gettext", ("/usr/bin/msgfmt",)),
    Package("python3-venv"),
    Package("ca-certificates"),
    Package("libgdal32"),
    Package("libgeos-c1v5"),
    Package("libproj25"),
)
# libatomic1: the node inside Playwright, which drives the browser, is linked to it
CHECKS = (Package("chromium", ("/usr/bin/google-chrome",)), Package("libatomic1"))

NO_APT = (
    "This machine has no apt: the set-up is made for Debian 12 (bookworm). Use a Debian 12 machine or container, "
    "or install these yourself: "
)


def missing(wanted: Iterable[Package], installed: set[str], exists: Callable[[str], bool]) -> list[str]:
    """Names of the packages that have to be installed."""
    return [
        package.name
        for package in wanted
        if package.name not in installed and not any(exists(proof) for proof in package.proofs)
    ]


def installed(wanted: Iterable[Package]) -> set[str]:
    """Which of these packages dpkg knows as installed; none where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return set()
    command = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *[p.name for p in wanted]]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {line.split()[0] for line in found.splitlines() if line.endswith(" installed")}


def ensure(steps: Steps, wanted: Sequence[Package], *, uid: int) -> None:
    """Installs what is missing; needs root or sudo only then."""
    names = missing(wanted, installed(wanted), os.path.exists)
    if not names:
        return
    if shutil.which("apt-get") is None:
        raise TroubleError(NO_APT + ", ".join(names) + ".")
    prefix = become_root(steps, uid, "apt-get install " + " ".join(names))
    places.check_space(Path("/usr"), 1500, "Installing system packages")
    with steps.step(f"System packages ({', '.join(names)})"):
        try:
            steps.run([*prefix, "/bin/sh", "-c", INSTALL, "install", *names])
        except FailedError as error:
            sentence = apt_trouble(error.output, names)
            if sentence is None:
                raise
            raise TroubleError(sentence) from error


def ensure_service_user(steps: Steps, *, uid: int) -> None:
    """Makes the system user that the site runs as when root starts it."""
    if uid == 0 and places.user_id(SERVICE_USER) is None:
        with steps.step(f"System user {SERVICE_USER}"):
            steps.run([*MAKE_USER.split(), SERVICE_USER])


def become_root(steps: Steps, uid: int, instead: str) -> list[str]:
    """The words before a command that needs root: none for root, sudo otherwise."""
    if uid == 0:
        return []
    ask = f"Log in as root and run `{instead}`, or get sudo; then run the same command again."
    sudo = shutil.which("sudo")
    if sudo is None:
        raise TroubleError(f"System packages are missing, and there is neither root nor sudo here. {ask}")
    if subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    if sys.stdin.isatty():
        steps.say("System packages are missing; sudo may ask for your password.")
        if subprocess.run([sudo, "-v"], check=False).returncode == 0:
            return [sudo]
    raise TroubleError(f"System packages are missing, and sudo does not let you install them. {ask}")


def apt_trouble(output: str, names: Sequence[str]) -> str | None:
    """The sentence for what apt printed when it failed; None where it is nothing known.

    A full disk comes first: apt then reports everything else too.
    """
    if "No space left on device" in output or "You don't have enough free space" in output:
        return "The disk is full. Free some space (see `df -h`), then run the same command again."
    if "dpkg was interrupted" in output:
        return "An earlier installation was interrupted. Run `sudo dpkg --configure -a`, then this command again."
    if "Could not get lock" in output:
        return "Another installation is running. Wait until it has ended, then run this command again."
    if network_down(output):
        return "The package servers cannot be reached. Check the network (and the proxy), then run this again."
    lacking = [name for name in names if f"Unable to locate package {name}\n" in output + "\n"]
    lacking += [name for name in names if f"Package '{name}' has no installation candidate" in output]
    if lacking:
        return (
            f"This machine's package lists do not have {', '.join(lacking)}: the set-up is made for "
            "Debian 12 (bookworm) with its `main` section. Check /etc/apt/sources.list*, then run this again."
        )
    return None


def network_down(output: str) -> bool:
    """Whether a downloader's output says that it could not reach its server."""
    signs = (
        "Temporary failure resolving",
        "Temporary failure in name resolution",
        "Could not resolve",
        "Could not connect",
        "Unable to connect",
        "Failed to fetch",
        "Network is unreachable",
        "Connection refused",
        "NewConnectionError",
        "ConnectTimeoutError",
        "Read timed out",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ETIMEDOUT",
    )
    return any(sign in output for sign in signs)
