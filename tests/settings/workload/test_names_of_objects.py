"""Names of workloads that objects of other workloads have."""

from tests.settings.stack_files import APPS, SINGLETONS, WEB, app, problems_of, singletons, workers

PEERS = ((*WEB, "peers"), {"ports": ["app"]})
SHARED = ((*WEB, "sharedVolume"), {"path": "/files"})
VOLUME = {"volume": {"path": "/data", "size": "1Gi"}}


def test_an_app_does_not_have_the_name_of_a_service_of_peers() -> None:
    other = ((APPS, "web-peers"), app())
    [problem] = problems_of(PEERS, other)
    assert (problem.key, problem.message) == (
        f"{APPS}.web-peers",
        "the Service of the peers of web has the same name; write another name",
    )
    assert problems_of(other) == []
    worker = workers(**{"web-peers": {"longestJobSeconds": 60}})
    assert problems_of(PEERS, worker) == [], "a worker has no Service"


def test_a_singleton_does_not_have_the_name_of_a_shared_claim() -> None:
    other = singletons(**{"web-shared": VOLUME})
    [problem] = problems_of(SHARED, other)
    assert (problem.key, problem.message) == (
        f"{SINGLETONS}.web-shared",
        "the claim of the shared volume of web has the same name; write another name",
    )
    assert problems_of(other) == []
