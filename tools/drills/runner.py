"""Runs scenarios one after another, in a cell at rest that they share or in cells of their own."""

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import requests

from tools.command_line import print_progress
from tools.control_plane.manifest import ApiError
from tools.control_plane.processes import ProcessError
from tools.drills.at_rest import return_to_rest
from tools.drills.deployed_cell import deployed_cell
from tools.drills.drill import Drill, DrillError
from tools.drills.events import CellReady, Failure
from tools.drills.node_model import node_model
from tools.drills.outcome import Outcome
from tools.drills.place import running_cell
from tools.drills.result import Result
from tools.drills.scenarios import SCENARIOS, Scenario
from tools.recording import Recording

Event = CellReady | Outcome | Failure


def run_scenarios(
    recording: Recording, programs: Mapping[str, Path], names: Iterable[str]
) -> Iterator[Event]:
    """Runs scenarios, and yields the outcome of each.

    A cell at rest is started for the first scenario that needs it. An error ends the drill: the
    outcome of its scenario has the results until then, and a failure follows.
    """
    try:
        yield from _outcomes(recording, programs, names)
    except (ApiError, DrillError, ProcessError) as error:
        yield Failure(str(error))
    except requests.RequestException as error:
        yield Failure(f"the API server does not answer: {error}")
    except OSError as error:
        yield Failure(f"{error.filename or 'the drill'}: {error.strerror}")
    except MemoryError:
        yield Failure("the machine has too little memory for a drill")


def _outcomes(
    recording: Recording, programs: Mapping[str, Path], names: Iterable[str]
) -> Iterator[Event]:
    with ExitStack() as stack:
        shared: Drill | None = None
        for name in names:
            print_progress(f"drilling {name} …")
            scenario = SCENARIOS[name]
            if not isinstance(scenario, Scenario):
                with deployed_cell(recording, programs) as cell:
                    yield from _outcome(name, scenario.run(cell), cell.drill)
                continue
            if shared is None:
                began = time.monotonic()
                shared = stack.enter_context(running_cell(recording, programs))
                nodes = len(shared.server.list("v1", "Node"))
                yield CellReady(nodes, time.monotonic() - began)
            else:
                _return_to_rest(shared)
            with _supplied_nodes(shared, scenario):
                yield from _outcome(name, scenario.run(shared), shared)


def _supplied_nodes(drill: Drill, scenario: Scenario) -> AbstractContextManager[None]:
    """Adds nodes for pending pods while the block runs: by a model if the scenario itself runs
    moto, which a process can run only once at a time.
    """
    if drill.supply.program is None or scenario.given:
        return node_model(drill.server, drill.pods, drill.templates)
    # Imported here, because it needs moto, which is not in requirements.txt.
    from tools.drills.cluster_autoscaler import cluster_autoscaler

    return cluster_autoscaler(drill, drill.supply.program)


def _return_to_rest(drill: Drill) -> None:
    """Returns to the state in which each scenario begins."""
    with ThreadPoolExecutor(1) as executor:
        reset = executor.submit(drill.baseline.reset)
        return_to_rest(drill)
        reset.result()


def _outcome(name: str, results: Iterator[Result], drill: Drill) -> Iterator[Outcome]:
    """Yields the outcome of a scenario, also of one that fails."""
    outcome, began = Outcome(name), time.monotonic()
    drill.timelines.clear()
    try:
        outcome.results.extend(results)
    except (Exception, KeyboardInterrupt):
        yield outcome
        raise
    outcome.seconds, outcome.timelines = time.monotonic() - began, dict(drill.timelines)
    yield outcome
