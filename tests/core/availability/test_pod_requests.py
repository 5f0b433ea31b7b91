"""The requests of a pod are the largest that its containers have at one time."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.pod_requests import InitContainerRequests, pod_requests
from core.availability.resources import Resources

amounts = st.builds(
    Resources, cpu=st.integers(0, 1000), memory=st.integers(0, 1000), storage=st.integers(0, 1000)
)
containers = st.lists(
    st.builds(InitContainerRequests, requests=amounts, sidecar=st.booleans()), max_size=6
)


def running(containers: list[Resources]) -> tuple[int, int, int]:
    """Returns the requests of containers that run at one time."""
    return (
        sum(each.cpu for each in containers),
        sum(each.memory for each in containers),
        sum(each.storage for each in containers),
    )


def test_a_pod_of_one_container_requests_what_the_container_requests() -> None:
    main = Resources(cpu=200, memory=128, storage=64, accelerators=2)
    assert pod_requests([main], []) == main


def test_an_init_container_runs_beside_the_sidecars_before_it_only() -> None:
    small = Resources(cpu=100, memory=64, storage=64)
    pod = pod_requests(
        [Resources(cpu=200, memory=128, storage=64)],
        [
            InitContainerRequests(requests=small, sidecar=True),
            InitContainerRequests(requests=replace(small, cpu=500), sidecar=False),
            InitContainerRequests(requests=small, sidecar=True),
        ],
    )
    assert pod == Resources(cpu=600, memory=256, storage=192), (
        "the scheduler would reserve other amounts than the arithmetic of nodes"
    )


@settings(deadline=None, max_examples=200)
@given(main=st.lists(amounts, min_size=1, max_size=3), init=containers)
def test_a_pod_requests_the_most_that_its_containers_have_at_one_time(
    main: list[Resources], init: list[InitContainerRequests]
) -> None:
    """Starts each container beside the sidecars that run already."""
    phases: list[tuple[int, int, int]] = []
    for index, each in enumerate(init):
        before = [other.requests for other in init[:index] if other.sidecar]
        phases.append(running([*before, each.requests]))
    phases.append(running([*main, *(each.requests for each in init if each.sidecar)]))

    pod = pod_requests(main, init)

    assert (pod.cpu, pod.memory, pod.storage) == tuple(map(max, zip(*phases, strict=True)))
    assert pod.pods == 1
