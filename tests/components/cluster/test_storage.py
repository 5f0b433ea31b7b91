import json

from components.cluster.add_ons import AddOnSettings
from components.cluster.storage import Storage, StorageArgs
from settings.cluster.add_ons import AddOnOverride
from tests.components.deploy import Deployed, context, deploy, with_kubernetes

ADD_ON = "aws:eks/addon:Addon"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"


def storage(**overrides: AddOnOverride) -> Deployed:
    own = {key.replace("_", "-"): value for key, value in overrides.items()}
    args = StorageArgs(
        add_on_settings=AddOnSettings(kubernetes_version="1.36", overrides=own),
        context=context(),
    )
    return deploy(lambda: Storage("storage", args, with_kubernetes()))


def test_the_controller_of_the_driver_has_a_role_for_volumes() -> None:
    cell = storage()
    role = cell.one("aws:iam/role:Role")
    (identity,) = cell.one(ADD_ON).inputs["podIdentityAssociations"]
    assert cell.one(ADD_ON).inputs["addonName"] == "aws-ebs-csi-driver"
    assert identity["serviceAccount"] == "ebs-csi-controller-sa", (
        "the driver could create no volume"
    )
    assert identity["roleArn"].endswith(f":role/{cell.id_of(role)}")
    attachment = cell.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2"


def test_volumes_of_claims_have_the_tag_of_the_cell() -> None:
    configuration = json.loads(storage().one(ADD_ON).inputs["configurationValues"])
    assert configuration == {"controller": {"extraVolumeTags": {"ha-eks:cell": "prod"}}}


def test_tags_of_the_stack_file_are_added_to_the_tag_of_the_cell() -> None:
    tags = {"controller": {"extraVolumeTags": {"team": "a"}}}
    own = AddOnOverride.model_validate({"configuration": tags})
    configuration = json.loads(
        storage(aws_ebs_csi_driver=own).one(ADD_ON).inputs["configurationValues"]
    )
    assert configuration["controller"]["extraVolumeTags"] == {"ha-eks:cell": "prod", "team": "a"}


def test_the_default_class_creates_encrypted_volumes_in_the_zone_of_the_pod() -> None:
    storage_class = storage().one(CLASS).inputs
    assert storage_class["metadata"]["name"] == "gp3"
    assert storage_class["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "true"
    }
    assert storage_class["provisioner"] == "ebs.csi.aws.com"
    assert storage_class["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert storage_class["volumeBindingMode"] == "WaitForFirstConsumer", (
        "the pod could be scheduled in another zone than its volume"
    )
    assert storage_class["allowVolumeExpansion"] is True
    assert storage_class["reclaimPolicy"] == "Delete"
