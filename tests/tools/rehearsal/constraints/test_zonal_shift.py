"""Constraints of ARC on zonal autoshift, with the configurations of prod."""

import pytest

from tests.tools.rehearsal.clouds import create_again, find, refused, remove
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import FakeCloud

AUTOSHIFT = "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration"
CLUSTER = ("aws:eks/cluster:Cluster", "cluster-eksCluster")
BALANCER = ("aws:lb/loadBalancer:LoadBalancer", "lb")
OF_CLUSTER = (AUTOSHIFT, "resilience-autoshift-cluster")
OF_BALANCER = (AUTOSHIFT, "resilience-autoshift-lb")
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-apps-below-need")


@pytest.mark.parametrize(
    ("resource", "configuration", "off"),
    [
        (CLUSTER, OF_CLUSTER, {"zonalShiftConfig": {"enabled": False}}),
        (BALANCER, OF_BALANCER, {"enableZonalShift": False}),
    ],
)
def test_autoshift_needs_a_resource_with_zonal_shift(
    cloud: FakeCloud,
    prod: Recording,
    resource: tuple[str, str],
    configuration: tuple[str, str],
    off: dict[str, object],
) -> None:
    remove(cloud, configuration)
    shifted = find(cloud, resource)
    shifted.inputs.update(off)
    arn = shifted.outputs["arn"]
    with refused("ResourceNotFoundException", f"{arn} is not enabled for zonal shift"):
        create_again(cloud, prod, configuration)


def test_the_alarms_of_a_practice_run_exist_in_the_region_of_the_resource(
    cloud: FakeCloud, prod: Recording
) -> None:
    arn = find(cloud, ALARM).outputs["arn"]
    other = arn.replace("us-east-1", "us-west-2")
    remove(cloud, OF_BALANCER)
    with refused("ValidationException", f"no alarm {other} in us-east-1"):
        create_again(
            cloud, prod, OF_BALANCER, outcomeAlarms=[{"alarmIdentifier": other, "type": ""}]
        )
    create_again(cloud, prod, OF_BALANCER)
    remove(cloud, OF_BALANCER, ALARM)
    with refused("ValidationException", f"no alarm {arn} in us-east-1"):
        create_again(cloud, prod, OF_BALANCER)
