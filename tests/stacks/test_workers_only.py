"""A stack without exposed workloads: no load balancer, and a valid composite alarm."""

from datetime import date

from settings.images.image_sources import images_outside_ecr
from tests.settings.stack_files import config_of, workers
from tests.shared_recordings import recorded_config
from tests.stacks import test_images
from tools.preview.tree import headlines
from tools.recording import Recording


def only_internal(*, apps: bool) -> Recording:
    """Returns the recording of prod without expose and domain: its cache, or a worker."""
    config = config_of("prod")
    del config["ha-eks:traffic"], config["ha-eks:resilience"]
    found = config.pop("ha-eks:apps")
    if apps:
        config["ha-eks:apps"] = {"cache": {k: v for k, v in found["cache"].items() if k != "near"}}
    else:
        [key], added = workers(mailer={"longestJobSeconds": 60})
        config[str(key)] = added
    return recorded_config("prod", config)


def composite_rules(recording: Recording) -> dict[str, str]:
    found = recording.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    return {each.name: str(each.inputs["alarmRule"]) for each in found}


def test_a_cell_of_workers_has_no_load_balancer_and_alarms_on_ready_pods() -> None:
    recording = only_internal(apps=False)

    assert not recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert {*recording.outputs}.isdisjoint({"loadBalancer", "urls"})
    assert composite_rules(recording)["alarms-impact"] == 'ALARM("prod/app/mailer/ready")'


def test_a_cell_without_a_load_balancer_has_no_copy_of_the_image_of_its_controller() -> None:
    recording = only_internal(apps=False)
    test_images.test_no_pod_pulls_a_cached_image_from_its_upstream_registry(recording)
    assert not [e for e in images_outside_ecr(recording.settings) if "load-balancer" in e]


def test_the_composite_alarm_of_a_cell_without_impact_alarms_is_never_in_alarm() -> None:
    assert composite_rules(only_internal(apps=True))["alarms-impact"] == "FALSE"


def test_preview_describes_a_worker() -> None:
    lines = headlines(only_internal(apps=False), date(2026, 11, 1))
    assert "worker mailer: 2 to 3 replicas (1 needed), CPU target 60%" in lines
    assert (
        "mailer pod termination: 0s deleted and TERM, 60s end of the longest job and exit, 65s KILL"
    ) in lines
    assert "load balancer: none: no workload is exposed" in lines
