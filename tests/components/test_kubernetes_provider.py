from components.kubernetes_provider import kubernetes_provider
from tests.components.deploy import deploy


def test_a_changed_kubeconfig_replaces_no_kubernetes_objects() -> None:
    provider = deploy(lambda: kubernetes_provider("prod", "{}", [])).one(
        "pulumi:providers:kubernetes"
    )
    assert provider.inputs["clusterIdentifier"] == "prod"
    assert provider.inputs["kubeconfig"] == "{}"
