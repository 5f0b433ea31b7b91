"""Runs a real Kubernetes API server with its etcd."""

import secrets
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError
from tools.control_plane.processes import free_ports, last_line, start

_READY_SECONDS = 60
"""Seconds for the server to become ready."""


@contextmanager
def api_server(
    etcd: Path, kube_apiserver: Path, folder: Path, *, controllers: bool = False
) -> Generator[ApiServer]:
    """Runs an API server and its etcd on the loopback interface, with their files in `folder`.

    `controllers` is true if controllers will run too. Otherwise pods may use service accounts that
    do not exist, because no controller creates the default ones of namespaces.
    """
    client, peer, secure = free_ports(3)
    token = secrets.token_urlsafe(32)
    (folder / "tokens").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    certificates = folder / "certificates"
    key = certificates / "apiserver.key"  # created by the server; also signs service account tokens
    etcd_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    with ExitStack() as processes:
        start(
            processes, folder / "etcd.log", etcd, "--unsafe-no-fsync",
            "--data-dir", folder / "etcd",
            "--listen-client-urls", etcd_url, "--advertise-client-urls", etcd_url,
            "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
            "--initial-cluster", f"default={peer_url}",
        )  # fmt: skip
        process = start(
            processes, folder / "apiserver.log", kube_apiserver,
            "--etcd-servers", etcd_url,
            "--bind-address", "127.0.0.1", "--secure-port", secure,
            # No client uses the Service of the server. An address of the machine may be missing.
            "--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none",
            "--cert-dir", certificates, "--token-auth-file", folder / "tokens",
            "--authorization-mode", "Node,RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", key, "--service-account-signing-key-file", key,
            "--service-cluster-ip-range", "10.100.0.0/16",
            *([] if controllers else ["--disable-admission-plugins", "ServiceAccount"]),
        )  # fmt: skip
        url = f"https://127.0.0.1:{secure}"
        server = ApiServer(url, token, certificates / "apiserver.crt", process)
        deadline = time.monotonic() + _READY_SECONDS
        while not server.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ApiError(
                    f"kube-apiserver does not start: {last_line(folder / 'apiserver.log')}"
                )
            time.sleep(0.1)
        yield server
