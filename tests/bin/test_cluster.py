"""The private cluster and the city's database: what is kept, what is made again, who may be whom."""

import os
from pathlib import Path

import pytest
from setup import cities, cluster
from setup.folders import Folders
from setup.steps import Steps, TroubleError

# Cluster


def test_a_cluster_that_holds_a_city_is_never_made_again(house: Folders, quiet: Steps):
    for name in ("1", "4", "5", "16388", "16500"):
        (house.data / "base" / name).mkdir(parents=True)
    with pytest.raises(TroubleError, match="not rebuilt"):
        cluster.Cluster(house, quiet)._clear_half_made()
    assert house.data.exists()


def test_a_half_made_cluster_is_cleared_away(house: Folders, quiet: Steps):
    for name in ("1", "4", "5", "16388"):
        (house.data / "base" / name).mkdir(parents=True)
    cluster.Cluster(house, quiet)._clear_half_made()
    assert not house.data.exists()


def test_the_site_may_never_be_the_owner_of_the_tables():
    lines = cluster.identities("postgres", "root").splitlines()
    assert 'gridmap "gridmap" gridmap_app' in lines
    assert 'gridmap "root" gridmap_owner' in lines
    assert not [line for line in lines if '"gridmap"' in line and "owner" in line]


@pytest.mark.parametrize(("gigabytes", "buffers"), [(1, "128MB"), (8, "1024MB"), (24, "2048MB"), (512, "2048MB")])
def test_the_database_takes_an_eighth_of_the_memory_at_most(gigabytes: int, buffers: str):
    told = cluster.settings(gigabytes * cluster.GIGABYTE, Path("/run/x"), cluster.GIGABYTE)
    assert f"shared_buffers = {buffers}\n" in told
    assert "listen_addresses = ''\n" in told
    assert "fsync" not in told


def test_a_container_with_little_shared_memory_gets_files_instead():
    assert "dynamic_shared_memory_type = mmap" in cluster.settings(cluster.GIGABYTE, Path("/run/x"), 64 * 1024**2)


def test_a_containers_limit_counts_as_its_memory(tmp_path: Path):
    (tmp_path / "meminfo").write_text("MemTotal:  8000000 kB\nMemFree: 1 kB\n")
    (tmp_path / "limit").write_text("1000000\n")
    assert cluster.memory_bytes(tmp_path / "meminfo", tmp_path / "limit") == 1_000_000
    (tmp_path / "limit").write_text("max\n")
    assert cluster.memory_bytes(tmp_path / "meminfo", tmp_path / "limit") == 8_000_000 * 1024


def test_a_server_number_that_is_another_process_now_is_not_ours(house: Folders, quiet: Steps):
    house.data.mkdir(parents=True)
    (house.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert cluster.Cluster(house, quiet).stop() is False


# Cities


def test_an_unknown_city_gets_the_names_of_the_known_ones(house: Folders):
    (house.root / "fixtures" / "cities" / "demo.toml").write_text('database = "gridmap_demo"')
    with pytest.raises(TroubleError, match="Known cities: demo"):
        cities.city_file(house.root, "atlantis")


def test_a_city_is_named_or_given_as_a_file(house: Folders, tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text('database = "gridmap_mine"')
    assert cities.database_name(cities.city_file(house.root, str(file))) == "gridmap_mine"


@pytest.mark.parametrize("line", ["", "database = 3", 'database = "Robert; DROP"', "database = ["])
def test_a_city_file_without_a_good_database_name_is_refused(line: str, tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(line)
    with pytest.raises(TroubleError, match=r"mine\.toml"):
        cities.database_name(file)
