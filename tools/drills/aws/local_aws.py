"""moto as AWS, on a free port of the loopback interface. https://docs.getmoto.org

moto is in requirements-dev.txt only: modules that import this one are imported when they are used.
"""

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import requests
from botocore.config import Config
from botocore.session import get_session
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

_KEY = "drill"
"""Made-up access key and secret key. moto accepts any."""


@dataclass(frozen=True)
class LocalAws:
    """A running moto."""

    url: str
    """Endpoint of all services."""
    region: str

    def client(self, service: str) -> Any:  # Any: botocore makes the methods at run time
        """Returns a client of a service, such as `autoscaling`."""
        return _session().create_client(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id=_KEY,
            aws_secret_access_key=_KEY,
            config=Config(proxies={}),  # no proxy for the loopback interface
        )

    @property
    def variables(self) -> Mapping[str, str | None]:
        """Environment variables of a program that uses this AWS, and no account of the user.

        https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
        """
        return {
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _KEY,
            "AWS_SESSION_TOKEN": None,
            "AWS_PROFILE": None,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@cache
def _session() -> Any:  # Any: see client
    """Returns the session of all clients, which reads the description of each service once."""
    return cast("Any", get_session())


@contextmanager
def local_aws(region: str) -> Generator[LocalAws]:
    """Runs an empty moto in a thread while the block runs.

    A process can run one at a time, because moto keeps its resources in global variables.
    """
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy for the loopback interface
            session.post(f"{url}/moto-api/reset", timeout=60).raise_for_status()
        yield LocalAws(url, region)
    finally:
        server.stop()
