from dispatch.actions import filing
from dispatch.models import Case, FieldTask, Report
from tests.town import NOW, Town, at


def verified(town: Town, x: float, y: float) -> Case:
    """A case at (50, 50) with a component, verified with the pin corrected to (x, y)."""
    case = town.report(component=town.component)
    case = town.to_state("verifying", case)
    filing.verify(
        case,
        town.doing(case, "inspector"),
        task=town.task(case, "verify"),
        result=FieldTask.Result.CONFIRMED,
        photos=[town.photo()],
        point=at(x, y),
        correction=filing.Correction(at(x, y), 10.0),
    )
    return Case.objects.get(pk=case.pk)


def test_a_correction_is_one_step_and_moves_cell_and_community(town: Town) -> None:
    case = verified(town, 310, 50)
    assert (case.cell, case.community, case.outside_grid) == (town.cells[3], town.communities[1], False)
    assert case.version == 3  # registered, ordered, verified


def test_a_component_nearby_stays_and_one_far_away_goes(town: Town) -> None:
    geom = town.component.geom
    near = verified(town, geom.x - at(0, 0).x + 20, geom.y - at(0, 0).y)
    assert near.component == town.component
    assert verified(town, 310, 50).component is None


def test_a_correction_out_of_every_cell_is_kept_and_flagged(town: Town) -> None:
    case = verified(town, 900, 900)
    assert (case.cell, case.community, case.outside_grid) == (None, None, True)


def test_a_correction_places_a_report_that_had_no_sure_place(town: Town) -> None:
    case = town.report()
    Report.objects.filter(case=case).update(needs_placing=True)
    case = town.to_state("verifying", case)
    filing.verify(
        case,
        town.doing(case, "inspector"),
        task=town.task(case, "verify"),
        result="confirmed",
        photos=[town.photo()],
        point=at(60, 50),
        correction=filing.Correction(at(60, 50), 10.0),
    )
    assert not Report.objects.without_place().exists()


def test_a_new_place_moves_the_task_of_whoever_is_on_the_way(town: Town) -> None:
    case = town.to_state("verifying")
    filing.place(case, town.doing(case, "operator", NOW), point=at(310, 50), uncertainty_m=10)
    assert town.task(case, "verify").point.distance(at(310, 50)) < 0.001
