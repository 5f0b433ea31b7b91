"""Secrets as files, directories in memory, and image pull secrets."""

from typing import Any

from tests.components.app.deployed_apps import pod


def test_a_secret_is_one_volume_with_files_and_directories() -> None:
    files: Any = {
        "/etc/tls": {"secret": "tls"},
        "/etc/app/key.pem": {"secret": "signing", "key": "key.pem"},
        "/etc/app/ca.pem": {"secret": "tls", "key": "ca.crt"},
    }
    spec = pod(secretFiles=files)
    assert spec["volumes"] == [
        {"name": "secret-0", "secret": {"secretName": "tls", "defaultMode": 0o440}},
        {"name": "secret-1", "secret": {"secretName": "signing", "defaultMode": 0o440}},
    ], "others could read the files"
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": "secret-0", "mountPath": "/etc/tls", "readOnly": True},
        {
            "name": "secret-1",
            "mountPath": "/etc/app/key.pem",
            "subPath": "key.pem",
            "readOnly": True,
        },
        {"name": "secret-0", "mountPath": "/etc/app/ca.pem", "subPath": "ca.crt", "readOnly": True},
    ]


def test_scratch_can_be_in_memory() -> None:
    spec = pod(scratch={"/tmp": "1Gi"}, memoryScratch={"/dev/shm": "32Mi"})
    assert spec["volumes"] == [
        {"name": "scratch-0", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "memory-0", "emptyDir": {"sizeLimit": "32Mi", "medium": "Memory"}},
    ]
    main = spec["containers"][0]
    assert main["volumeMounts"] == [
        {"name": "scratch-0", "mountPath": "/tmp"},
        {"name": "memory-0", "mountPath": "/dev/shm"},
    ]
    storage = main["resources"]["requests"]["ephemeral-storage"]
    assert storage == "1088Mi", "a directory in memory needs no disk"


def test_a_pod_has_the_image_pull_secrets_of_the_stack_file() -> None:
    assert pod(imagePullSecrets=("a", "b"))["imagePullSecrets"] == [{"name": "a"}, {"name": "b"}]
    assert "imagePullSecrets" not in pod()
