"""Init containers and sidecars of the wide stack."""

INIT_CONTAINERS: list[object] = [
    {
        "name": "assets",
        "image": "registry.example.com/assets:1.0.0",
        "command": ["/fetch", "/var/cache"],
        "requests": {"cpu": "300m", "memory": "64Mi"},
        "longestSeconds": 20,
    }
]
"""An init container that fills a scratch directory."""

SIDECARS: list[object] = [
    {
        "name": "forward",
        "image": "registry.example.com/forward:1.0.0",
        "requests": {"cpu": "20m", "memory": "32Mi"},
        "shutdownSeconds": 10,
    },
    {
        "name": "proxy",
        "image": "registry.example.com/proxy:1.0.0",
        "args": ["--admin=9901"],
        "env": {"LEVEL": "info"},
        "envFields": {"POD_IP": "status.podIP"},
        "requests": {"cpu": "20m", "memory": "32Mi"},
        "ports": {"admin": 9901},
        "probes": {
            "liveness": {"path": "/live", "port": "admin"},
            "readiness": {"path": "/ready", "port": "admin"},
            "startupSeconds": 10,
        },
        "beforeInitContainers": True,
    },
]
"""A log forwarder, and a proxy that the init containers need."""
