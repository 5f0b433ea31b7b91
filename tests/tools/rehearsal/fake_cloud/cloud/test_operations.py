"""Operations of the fake cloud: constraints, faults and the log."""

import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

from tests.tools.rehearsal.clouds import (
    delete,
    empty_cloud,
    make,
    refused,
    update,
    urn_of,
)
from tools.rehearsal.fake_cloud.cloud import FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ID = "0123456789abcdef0"


def operations_of(cloud: FakeCloud) -> list[tuple[str, str, str | None]]:
    return [(each.verb, each.name, each.error) for each in cloud.operations]


def test_an_injected_fault_is_logged_and_changes_nothing(cloud: FakeCloud) -> None:
    address = make(cloud, EIP, "one", domain="vpc")
    before = deepcopy((address, cloud.resources))
    calls: list[tuple[int, str, str]] = []

    def fault(number: int, verb: str, type_: str) -> str:
        calls.append((number, verb, type_))
        return "ThrottlingException"

    cloud.fault = fault
    for operation, text in (
        (lambda: make(cloud, EIP, "two"), "create Eip two"),
        (lambda: update(cloud, address, domain="other"), "update Eip one"),
        (lambda: delete(cloud, address), "delete Eip one"),
    ):
        with refused("ThrottlingException", f"fault injected into {text}"):
            operation()
    assert (address, cloud.resources) == before
    assert calls == [(2, "create", EIP), (3, "update", EIP), (4, "delete", EIP)]
    code = "ThrottlingException"
    assert operations_of(cloud)[1:] == [("create", "two", code), ("update", "one", code),
                               ("delete", "one", code)]  # fmt: skip


def test_each_constraint_is_called_before_each_operation() -> None:
    calls: list[tuple[str, str, Values, int]] = []

    def constraint(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
        calls.append((verb, type_, inputs, len(cloud.resources)))
        if inputs.get("domain") == "forbidden":
            raise RefusedError("Forbidden", "not this domain")

    cloud = empty_cloud(constraints=(constraint, constraint))
    address = make(cloud, EIP, "one", domain="vpc")
    with refused("Forbidden", "not this domain"):
        make(cloud, EIP, "two", domain="forbidden")
    update(cloud, address, domain="other")
    delete(cloud, address)
    create, update_, delete_ = (
        ("create", EIP, {"domain": "vpc"}, 0),
        ("update", EIP, {"domain": "other"}, 1),
        ("delete", EIP, {"domain": "other"}, 1),
    )
    forbidden = ("create", EIP, {"domain": "forbidden"}, 1)
    assert calls == [create, create, forbidden, update_, update_, delete_, delete_]
    assert operations_of(cloud)[1] == ("create", "two", "Forbidden")


def test_operations_are_logged_in_order_with_their_times(cloud: FakeCloud) -> None:
    cloud.delays = {EIP: 0.02}
    start = time.monotonic()
    address = make(cloud, EIP, "one")
    update(cloud, address, domain="vpc")
    with refused("NotFound", f"eipalloc-{ID} does not exist"):
        make(cloud, NAT_GATEWAY, "nat", allocationId=f"eipalloc-{ID}")
    delete(cloud, address)
    end = time.monotonic()
    assert operations_of(cloud) == [("create", "one", None), ("update", "one", None),
                           ("create", "nat", "NotFound"), ("delete", "one", None)]  # fmt: skip
    assert [(each.type, each.urn) for each in cloud.operations] == [
        (type_, urn_of(type_, name))
        for type_, name in ((EIP, "one"), (EIP, "one"), (NAT_GATEWAY, "nat"), (EIP, "one"))
    ]
    moments = [moment for each in cloud.operations for moment in (each.started, each.ended)]
    assert [start, *moments, end] == sorted([start, *moments, end])
    took = [each.ended - each.started >= 0.02 for each in cloud.operations]
    assert took == [True, True, False, True], "a delayed operation takes no time"


def test_parallel_operations_overlap_in_the_log(cloud: FakeCloud) -> None:
    cloud.delays = {EIP: 0.1}
    with ThreadPoolExecutor(2) as pool:
        created = list(pool.map(lambda _: make(cloud, EIP, "same"), range(2)))
    assert len({each.id for each in created}) == len(cloud.resources) == 2
    first, second = cloud.operations
    assert second.started < first.ended, "parallel updates of zones would not be found"


def test_after_operation_is_called_with_the_number_of_ended_operations(cloud: FakeCloud) -> None:
    called: list[tuple[int, int, int]] = []
    cloud.after_operation = lambda done: called.append(
        (done, len(cloud.operations), len(cloud.resources))
    )
    address = make(cloud, EIP, "one")
    with refused("NotFound", f"eipalloc-{ID} does not exist"):
        make(cloud, NAT_GATEWAY, "nat", allocationId=f"eipalloc-{ID}")
    delete(cloud, address)
    assert called == [(1, 1, 1), (2, 2, 1), (3, 3, 0)], (
        "the engine would be killed after another operation"
    )
