"""Reading of previews, DNS and HTTP, with a script in place of the Pulumi CLI."""

import ssl
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.tools.deploy.replace_nodes.scripts import Script
from tools.deploy.check.read import readings
from tools.deploy.check.result import Readings
from tools.deploy.kubernetes_objects import KubernetesObjects
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState


@pytest.fixture
def pulumi(tmp_path: Path) -> Script:
    return Script(tmp_path, "pulumi")


@pytest.fixture
def kubectl(tmp_path: Path) -> Script:
    return Script(tmp_path, "kubectl")


@pytest.fixture
def reading(pulumi: Script, kubectl: Script, tmp_path: Path) -> Readings:
    return readings(
        lambda *arguments: arguments,
        KubernetesObjects(kubectl.file, tmp_path / "config"),
        StackState(str(pulumi.file), "own", tmp_path),
        [str(pulumi.file), "--stack", "own"],
        tmp_path,
    )


def test_a_preview_reads_all_steps_and_compares_with_aws(pulumi: Script, reading: Readings) -> None:
    step = {"op": "same", "urn": "urn"}
    pulumi.prints(("preview", {"config": {}, "steps": [step], "changeSummary": {"same": 1}}))
    assert reading.changes() == [step]
    assert pulumi.calls() == ["[--stack][own][preview][--refresh][--json][--non-interactive]"]


@pytest.mark.parametrize(
    ("printed", "status", "message"),
    [
        (
            '{"diagnostics": [{"severity": "warning", "message": "old"}, '
            '{"severity": "error", "message": "error: zones[1]: no such zone\\nmore\\n"}]}',
            255, "pulumi preview: error: zones[1]: no such zone",
        ),
        ('{"steps": []}', 255, "pulumi preview: the end"),
        ("", 255, "pulumi preview: the end"),
        ("{", 0, "pulumi preview: Expecting property name enclosed in double quotes: line 1 "
         "column 2 (char 1)"),
    ],
)  # fmt: skip
def test_a_failed_preview_is_one_line(
    pulumi: Script, reading: Readings, printed: str, status: int, message: str
) -> None:
    pulumi.prints(otherwise=f"printf '%s' '{printed}'; echo 'the end' >&2; exit {status}")
    with pytest.raises(ProgramError) as caught:
        reading.changes()
    assert str(caught.value) == message


def test_objects_and_state_are_read_once(
    pulumi: Script, kubectl: Script, reading: Readings, tmp_path: Path
) -> None:
    kubectl.prints(("get pods", {"items": [{"kind": "Pod"}]}))
    pulumi.prints(("stack export", {"deployment": {"resources": [{"urn": "a"}]}}))
    threads = [
        threading.Thread(target=read)
        for read in (reading.state, lambda: reading.objects("pods"))
        for _ in range(4)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert reading.objects("pods") == [{"kind": "Pod"}]
    assert reading.state() == [{"urn": "a"}]
    config = f"[--kubeconfig][{tmp_path / 'config'}]"
    assert kubectl.calls() == [
        f"{config}[get][--raw][/version][--request-timeout=10s]",
        f"{config}[get][pods][--all-namespaces][--output][json]",
    ]
    assert pulumi.calls() == ["[stack][export][--stack][own]"]


def test_an_api_that_does_not_answer_is_asked_once(kubectl: Script, reading: Readings) -> None:
    kubectl.prints(otherwise="echo 'no answer' >&2; exit 1")
    for kind in ("pods", "nodes", "pods"):
        with pytest.raises(ProgramError) as caught:
            reading.objects(kind)
        assert str(caught.value) == "kubectl get --raw /version: no answer"
    assert len(kubectl.calls()) == 1, "each kind takes minutes"


def test_a_name_that_does_not_exist_has_no_addresses(reading: Readings) -> None:
    assert reading.addresses("localhost.invalid") == frozenset()
    assert reading.addresses("127.0.0.1") == {"127.0.0.1"}


class Handler(BaseHTTPRequestHandler):
    """Answers 200 to requests for the domain, otherwise 404."""

    def do_GET(self) -> None:  # the name that the library calls
        well = self.headers["Host"] == "app.example.com" and self.path == "/readyz"
        self.send_response(200 if well else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # silent
        """Prints nothing."""


@contextmanager
def server(certificate: Path | None = None) -> Generator[str]:
    """Runs an HTTP server, or an HTTPS server with a certificate, and yields host and port."""
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.server_port}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def certificate_for(domain: str, folder: Path) -> Path:
    """Creates a self-signed certificate with its key in one file."""
    key, file = folder / "key.pem", folder / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", f"/CN={domain}", "-addext", f"subjectAltName=DNS:{domain}"),
            *("-keyout", key, "-out", file),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + key.read_text(), encoding="utf-8")
    return file


def test_a_request_over_https_is_for_the_domain(
    reading: Readings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("app.example.com", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(certificate) as host:
        assert reading.status(host, "/readyz", "app.example.com") == 200
        assert reading.status(host, "/other", "app.example.com") == 404


def test_a_certificate_of_another_domain_is_refused(
    reading: Readings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("other.example.com", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(certificate) as host, pytest.raises(OSError, match="certificate is not valid for"):
        reading.status(host, "/readyz", "app.example.com")


def test_a_request_without_a_domain_is_over_http(reading: Readings) -> None:
    with server() as host:
        assert reading.status(host, "/readyz", None) == 404, "the Host header is another"


def test_a_load_balancer_that_does_not_answer_is_an_error(reading: Readings) -> None:
    with server() as host:
        pass
    with pytest.raises(ConnectionRefusedError):
        reading.status(host, "/readyz", None)
