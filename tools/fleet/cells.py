"""The settings of the cells of a fleet."""

from collections.abc import Mapping
from pathlib import Path

from settings import Problem, Settings, SettingsError, check_stack, read_stack_file
from tools.fleet.fleet_file import Fleet, fleet_error, read_fleet
from tools.fleet.interfaces import FleetError


def fleet_of(root: Path) -> tuple[Fleet, Mapping[str, Settings]]:
    """Returns the fleet of a folder, and the settings of its cells in their order.

    Raises SettingsError with every problem of fleet.yaml, or of the stack files.
    """
    fleet = read_fleet(root)
    found: dict[str, Settings] = {}
    refused: list[str] = []
    for cell in fleet.cells:
        file = root / f"Pulumi.{cell}.yaml"
        try:
            settings, problems = check_stack(cell, read_stack_file(file))
            if settings is None:
                raise SettingsError(file, problems)
            found[cell] = settings
        except SettingsError as error:
            refused.append(str(error))
    if refused:
        raise FleetError("\n".join(refused))
    without = [
        Problem(
            key=f"cells[{number}]",
            message=f"Pulumi.{cell}.yaml has no {key}, so that {cell} has no health check; add "
            f"{key}, or remove {cell} from the fleet",
        )
        for number, cell in enumerate(fleet.cells)
        for key in _missing(found[cell])
    ]
    if without:
        raise fleet_error(root, without)
    return fleet, found


def known_cell(fleet: Fleet, cell: str) -> str:
    """Returns a cell of the command line; raises FleetError if the fleet does not have it."""
    if cell not in fleet.cells:
        raise FleetError(f"{cell} is not in fleet.yaml; the cells are {', '.join(fleet.cells)}")
    return cell


def order_cautions(cells: Mapping[str, Settings]) -> list[str]:
    """Returns a caution for each primary cell that comes before a secondary cell of its domain."""
    found: list[str] = []
    for cell, settings in cells.items():
        traffic = settings.traffic
        if traffic and traffic.role == "secondary":
            before = [
                other
                for other in [*cells][: [*cells].index(cell)]
                if (primary := cells[other].traffic)
                and primary.role == "primary"
                and primary.main.domain == traffic.main.domain
            ]
            found += [
                f"{other} serves all users of {traffic.domains}, and a change reaches it before "
                f"{cell}; write {cell} first in fleet.yaml"
                for other in before
            ]
    return found


def _missing(settings: Settings) -> list[str]:
    """Returns the key without which a cell has no health check."""
    if settings.traffic is None:
        return ["ha-eks:traffic"]
    return [] if settings.traffic.main.hosted_zone_id else ["ha-eks:traffic.hostedZoneId"]
