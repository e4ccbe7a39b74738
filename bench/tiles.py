"""How long a vector tile takes: every tile round the city's centre at each zoom, made and asked for again.

    GRIDMAP_CITY=<city> python bench/tiles.py [--user data]

Reads the database of the settings' city; writes nothing.
"""

import argparse
import math
import os
import statistics
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
SIDE = 5  # tiles each way


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    n = 2**zoom
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--user", default="data", help="an account that may see the map")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from people.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=asked.user))
    print(f"{settings.CITY.name_en}: {SIDE * SIDE} tiles a zoom, milliseconds of a whole request")
    print(f"{'zoom':>4} {'median':>8} {'worst':>8} {'median KB':>10} {'worst KB':>9} {'again (304)':>12}")
    for zoom in (8, 10, 12, 13, 14, 15, 16, 17, 18):
        x, y = tile_of(*settings.CITY.centre, zoom)
        made, again, sizes = [], [], []
        for dx in range(-(SIDE // 2), SIDE // 2 + 1):
            for dy in range(-(SIDE // 2), SIDE // 2 + 1):
                path = f"/tiles/{zoom}/{x + dx}/{y + dy}.mvt"
                started = perf_counter()
                response = client.get(path)
                made.append(perf_counter() - started)
                sizes.append(len(response.content))
                started = perf_counter()
                second = client.get(path, headers={"If-None-Match": response["ETag"]})
                again.append(perf_counter() - started)
                if second.status_code != 304:
                    raise SystemExit(f"{path}: {second.status_code} instead of 304")
        print(
            f"{zoom:>4} {statistics.median(made) * 1000:8.0f} {max(made) * 1000:8.0f}"
            f" {statistics.median(sizes) / 1024:10.1f} {max(sizes) / 1024:9.1f} {statistics.median(again) * 1000:12.1f}"
        )


if __name__ == "__main__":
    main()
