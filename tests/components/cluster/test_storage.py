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


def test_the_driver_s_controller_has_a_role_for_the_driver_s_volumes() -> None:
    cell = storage()
    role = cell.one("aws:iam/role:Role")
    (identity,) = cell.one(ADD_ON).inputs["podIdentityAssociations"]
    assert cell.one(ADD_ON).inputs["addonName"] == "aws-ebs-csi-driver"
    assert identity["serviceAccount"] == "ebs-csi-controller-sa", "no volume would be made"
    assert identity["roleArn"].endswith(f":role/{cell.id_of(role)}")
    attached = cell.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert attached["policyArn"] == "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2"


def test_volumes_of_claims_are_found_by_the_cell_s_tag() -> None:
    configuration = json.loads(storage().one(ADD_ON).inputs["configurationValues"])
    assert configuration == {"controller": {"extraVolumeTags": {"ha-eks:cell": "prod"}}}


def test_tags_of_the_stack_file_come_beside_the_cell_s() -> None:
    tags = {"controller": {"extraVolumeTags": {"team": "a"}}}
    own = AddOnOverride.model_validate({"configuration": tags})
    configuration = json.loads(
        storage(aws_ebs_csi_driver=own).one(ADD_ON).inputs["configurationValues"]
    )
    assert configuration["controller"]["extraVolumeTags"] == {"ha-eks:cell": "prod", "team": "a"}


def test_a_claim_that_names_no_class_gets_an_encrypted_volume_in_its_pod_s_zone() -> None:
    made = storage().one(CLASS).inputs
    assert made["metadata"]["name"] == "gp3"
    assert made["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "true"
    }
    assert made["provisioner"] == "ebs.csi.aws.com"
    assert made["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert made["volumeBindingMode"] == "WaitForFirstConsumer", "the pod could not follow it"
    assert made["allowVolumeExpansion"] is True
    assert made["reclaimPolicy"] == "Delete"
