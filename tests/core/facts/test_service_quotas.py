"""Every instance type of the data counts against a quota of vCPUs."""

import re

import pytest

from core.facts.instance_types import table
from core.facts.service_quotas import ON_DEMAND, SPOT, vcpu_quota


def test_every_instance_type_has_an_on_demand_quota() -> None:
    missing = [name for name in table().types if vcpu_quota(name, spot=False) is None]
    assert missing == [], "make up would not check the vCPUs of these types"


@pytest.mark.parametrize(
    ("type_", "on_demand", "spot"),
    [
        ("m7i.large", "L-1216C47A", "L-34B43A08"),
        ("is4gen.large", "L-1216C47A", "L-34B43A08"),
        ("inf2.xlarge", "L-1945791B", "L-B5D1601B"),
        ("trn1.2xlarge", "L-2C3B7624", "L-6B0D517C"),
        ("dl1.24xlarge", "L-6E869C2A", "L-85EED4F7"),
        ("gr6.4xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("vt1.3xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("x2gd.large", "L-7295265B", "L-E3A00192"),
        ("u7i-6tb.112xlarge", "L-43DA4232", None),
        ("mac2.metal", None, None),
    ],
)
def test_the_family_of_a_type_decides_on_its_quota(
    type_: str, on_demand: str | None, spot: str | None
) -> None:
    found = [vcpu_quota(type_, spot=each) for each in (False, True)]
    assert [each.code if each else None for each in found] == [on_demand, spot]


def test_the_codes_of_quotas_are_distinct() -> None:
    codes = [each.code for each in (*ON_DEMAND.values(), *SPOT.values())]
    assert len({*codes}) == len(codes)
    assert all(re.fullmatch("L-[0-9A-F]{8}", each) for each in codes)
