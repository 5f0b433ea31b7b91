"""Shared volumes and AWS secrets of each stack: order, encryption, zones and protection."""

from collections import defaultdict

from core.facts.versions.add_ons import EFS_DRIVER, OPTIONAL_ADD_ONS, SECRETS_DRIVER
from tools.recording import Recording, Resource

ADD_ON = "aws:eks/addon:Addon"
GROUP = "aws:eks/nodeGroup:NodeGroup"
SYSTEM = "aws:efs/fileSystem:FileSystem"
POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
TARGET = "aws:efs/mountTarget:MountTarget"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
VOLUME = "kubernetes:core/v1:PersistentVolume"
CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
WORKLOADS = (
    "kubernetes:apps/v1:Deployment",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
)


def pods_of(recording: Recording, name: str) -> list[Resource]:
    """Returns the Deployment, CronJob and migrations of a workload."""
    found = recording.of_type(*WORKLOADS)
    return [each for each in found if each.inputs["metadata"]["namespace"] == name]


def add_on(recording: Recording, name: str) -> Resource:
    [found] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == name]
    return found


def test_a_stack_has_a_driver_only_if_a_workload_needs_the_driver(recording: Recording) -> None:
    names = {each.inputs["addonName"] for each in recording.of_type(ADD_ON)}
    workloads = recording.settings.workloads.values()
    assert (EFS_DRIVER in names) is any(each.shared_volume for each in workloads)
    assert (SECRETS_DRIVER in names) is any(each.aws_secrets for each in workloads)


def test_drivers_come_after_every_node_group(recording: Recording) -> None:
    """Their pods would otherwise stay pending, and EKS would report the add-on as degraded."""
    for each in recording.of_type(ADD_ON):
        if each.inputs["addonName"] in OPTIONAL_ADD_ONS:
            groups = {group.urn for group in recording.of_type(GROUP)}
            assert groups <= recording.before(each)


def test_node_groups_come_after_the_mount_targets(recording: Recording) -> None:
    """Destroy, and the removal of a zone, would take the files from pods that still run."""
    mounts = {each.urn for each in recording.of_type(TARGET)}
    mounts |= {
        each.urn for each in recording.of_type(INGRESS) if each.name == "file-systems-from-nodes"
    }
    for group in recording.of_type(GROUP):
        assert mounts <= recording.before(group)


def test_every_file_system_has_one_mount_target_in_each_zone(recording: Recording) -> None:
    subnets: dict[str, list[str]] = defaultdict(list)
    for each in recording.of_type(TARGET):
        subnets[each.inputs["fileSystemId"]].append(each.inputs["subnetId"])
    groups = recording.of_type(GROUP)
    private = sorted({subnet for each in groups for subnet in each.inputs["subnetIds"]})
    assert len(subnets) == len(recording.of_type(SYSTEM))
    for found in subnets.values():
        assert sorted(found) == private, "the pods of a zone would use another zone, or none"


def test_every_file_system_is_encrypted_and_protected_as_its_workload_says(
    recording: Recording,
) -> None:
    for each in recording.of_type(SYSTEM):
        assert each.inputs["encrypted"] is True
        volume = recording.settings.workloads[each.name].shared_volume
        assert volume
        assert bool(each.options.get("protect")) is volume.deletion_protection, (
            "destroy would delete the files"
        )


def test_pods_come_after_all_that_mounts_their_shared_volume(recording: Recording) -> None:
    """Destroy deletes the pods first: files could not be unmounted without driver and targets."""
    for name, workload in recording.settings.sharing.items():
        volume = workload.shared_volume
        assert volume
        owner = volume.of or name
        needed = {add_on(recording, EFS_DRIVER).urn}
        needed |= {e.urn for e in recording.of_type(TARGET) if e.name.startswith(f"{owner}-")}
        needed |= {each.urn for each in recording.of_type(POLICY) if each.name == owner}
        needed |= {each.urn for each in recording.of_type(CLAIM) if each.name == f"{name}-shared"}
        created = recording.settings.workloads[owner].shared_volume
        assert created
        zones = 0 if created.file_system else len(recording.settings.network.zones)
        assert len(needed) >= 2 + zones
        pods = pods_of(recording, name)
        assert pods
        for each in pods:
            assert needed <= recording.before(each)


def test_each_workload_mounts_its_own_volume_at_the_path_of_the_stack_file(
    recording: Recording,
) -> None:
    claims = {
        each.inputs["metadata"]["namespace"]: each.inputs
        for each in recording.of_type(CLAIM)
        if not each.inputs["spec"]["storageClassName"]
    }
    volumes = {e.inputs["metadata"]["name"]: e.inputs for e in recording.of_type(VOLUME)}
    sharing = recording.settings.sharing
    assert {*claims} == {*sharing}
    assert len(volumes) == len(sharing), "a claim can have a volume of its own only"
    for name, workload in sharing.items():
        claim = claims[name]
        reserved = volumes[claim["spec"]["volumeName"]]["spec"]["claimRef"]
        assert reserved == {"namespace": name, "name": claim["metadata"]["name"]}, (
            "another claim could take the volume"
        )
        assert workload.shared_volume
        for each in pods_of(recording, name):
            template = each.inputs["spec"].get("jobTemplate", each.inputs)["spec"]["template"]
            pod = template["spec"]
            [volume] = [v for v in pod["volumes"] if v["name"] == "shared"]
            assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
            [mount] = [m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "shared"]
            assert mount["mountPath"] == workload.shared_volume.path


def test_pods_come_after_their_secrets(recording: Recording) -> None:
    for name, workload in recording.settings.workloads.items():
        if not workload.aws_secrets:
            continue
        [secrets] = [
            each
            for each in recording.of_type(CLASS)
            if each.inputs["metadata"]["namespace"] == name
        ]
        driver = add_on(recording, SECRETS_DRIVER).urn
        assert driver in recording.before(secrets), "the cluster would not know the kind"
        for each in pods_of(recording, name):
            assert secrets.urn in recording.before(each), "the pods could not start"


def test_the_wide_stack_has_shared_volumes_and_secrets(recording: Recording) -> None:
    """Otherwise the tests of this file would check nothing."""
    if recording.stack == "wide":
        settings = recording.settings
        assert settings.optional_add_ons == OPTIONAL_ADD_ONS
        volumes = [each.shared_volume for each in settings.sharing.values() if each.shared_volume]
        assert {bool(each.of) for each in volumes} == {True, False}
