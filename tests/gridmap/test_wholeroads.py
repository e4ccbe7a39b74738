"""A road that is meant as a whole, with its sections, and points described by the road that they lie on.

y
 50   ────────── 永大路1段 ──────────┬───────── 永大路2段 ─────────    two sections of 1,000 m
      x = 0                        1000                       2000
"""

import pytest
from shapely import LineString, MultiLineString
from shapely.affinity import translate

from gridmap.gazetteer import DatabaseGazetteer, MemoryGazetteer, place_row
from gridmap.geocode import locate
from gridmap.models import Place
from gridmap.reverse import describe
from gridmap.shapes import point_of, to_django
from tests.gridmap.test_geocode import radius
from tests.town import ORIGIN, at


def road(name, *lines, area="甲区", kind="road"):
    shape = translate(MultiLineString(lines) if len(lines) > 1 else LineString(lines[0]), *ORIGIN)
    return place_row(kind, name, point_of(shape), source="t", area=area, geom=to_django(shape), accuracy_m=10)


def sections():
    return [road("永大路一段", [(0, 50), (1000, 50)]), road("永大路二段", [(1000, 50), (2000, 50)])]


@pytest.fixture(params=["memory", "database"])
def knowing(request, db):
    def know(*places):
        Place.objects.bulk_create(places)
        return DatabaseGazetteer() if request.param == "database" else MemoryGazetteer.from_database()

    return know


def spot(answer):
    return round(answer.x - ORIGIN[0]), round(answer.y - ORIGIN[1])


def test_a_whole_road_is_answered_on_its_line_with_a_radius_from_its_length(knowing):
    answer = locate("光明路", knowing(road("光明路", [(0, 0), (0, 400), (400, 400)])))
    assert (answer.level, spot(answer), answer.uncertainty_m) == ("road", (0, 400), 60 + 0.45 * 800)


def test_carriageways_side_by_side_count_once(knowing):
    twin = road("光明路", [(0, 0), (800, 0)], [(0, 10), (800, 10)])
    assert twin.length_m == pytest.approx(800, abs=1)


def test_a_road_without_a_line_is_far_less_sure(knowing):
    answer = locate("光明路", knowing(place_row("road", "光明路", at(0, 0), source="t", area="甲区")))
    assert answer.uncertainty_m == 2000


def test_a_road_asked_without_its_section_is_found_over_all_of_them(knowing):
    answer = locate("永大路", knowing(*sections()))
    assert (answer.matched, spot(answer)[1], answer.alternatives) == ("永大路", 50, ())
    assert [reason.code for reason in answer.why] == ["sections"]
    for end in (0, 2000):
        assert abs(spot(answer)[0] - end) <= radius(answer) + 0.1 * 1000


def test_a_section_that_is_told_is_the_one_that_is_meant(knowing):
    answer = locate("永大路二段", knowing(*sections()))
    assert (answer.matched, spot(answer)) == ("永大路二段", (1500, 50))


def test_known_doors_of_all_sections_are_one_road(knowing):
    known = [(section, number) for section in (1, 2) for number in (1, 501, 901)]
    doors = [place_row(None, f"永大路{s}段{n}号", at(1000 * s + n, 50), source="t", area="甲区") for s, n in known]
    answer = locate("永大路", knowing(*doors))
    assert (answer.level, answer.matched, answer.alternatives) == ("road", "永大路", ())
    assert 1001 < spot(answer)[0] < 2901


def test_roads_of_one_name_in_two_areas_stay_two_answers(knowing):
    far = road("光明路", [(9000, 0), (9400, 0)], area="乙区")
    answer = locate("光明路", knowing(road("光明路", [(0, 0), (400, 0)]), far))
    assert [reason.code for reason in answer.why] == ["road", "ambiguous"]
    assert len(answer.alternatives) == 1


def test_a_lane_called_like_a_road_is_a_piece_of_it(knowing):
    piece = road("光明路", [(0, 5), (30, 5)], kind="lane")
    answer = locate("光明路", knowing(road("光明路", [(0, 0), (2000, 0)]), piece))
    assert (answer.level, answer.alternatives) == ("road", ())


def test_the_radius_holds_the_known_doors_where_the_line_is_a_piece_of_the_road(knowing):
    doors = [place_row(None, f"光明路{n}号", at(10 * n, 20), source="t", area="甲区") for n in range(1, 200)]
    answer = locate("光明路", knowing(road("光明路", [(0, 0), (100, 0)]), *doors))
    assert radius(answer) > 1000


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (600, 60, "永大路一段上"),
        (1400, 120, "永大路二段附近"),
        (1400, 300, ""),
        (300, 60, "银春旅馆附近"),
        (900, 62, "永大路1段88号附近"),
    ],
)
def test_a_point_without_a_number_nearby_is_described_by_the_nearest_road(knowing, x, y, words):
    inn = place_row("poi", "银春旅馆", at(300, 90), source="t", area="甲区")
    door = place_row(None, "永大路1段88号", at(940, 62), source="t", area="甲区")
    far = ORIGIN[0] + x, ORIGIN[1] + y
    assert describe(*far, knowing(*sections(), inn, door)) == words


def test_a_gazetteer_without_lines_describes_no_road(knowing):
    assert describe(*ORIGIN, knowing(place_row("road", "光明路", at(5, 0), source="t", area="甲区"))) == ""
