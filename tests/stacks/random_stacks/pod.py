"""Random settings of the pods of any workload."""

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import (
    ACCOUNTS,
    PORT,
    TEXT,
    Config,
    Draw,
    arn,
    keys_of,
    maybe,
    some,
)


def with_pod_keys(draw: Draw, workload: Config, region: str) -> Config:
    """Adds keys that every kind of workload has, and returns the workload."""
    arguments = st.lists(TEXT, max_size=2)
    maybe(draw, workload["requests"], ephemeralStorage=st.just("1Gi"))
    maybe(
        draw, workload, command=arguments, args=arguments,
        env=keys_of({}, {"A": TEXT, "_b": TEXT, "PORT": TEXT}),
        limits=keys_of({}, {"ephemeralStorage": st.sampled_from(["1Gi", "2Gi"])}),
        runAsUser=st.integers(1, 2**31 - 1), runAsGroup=st.integers(1, 2**31 - 1),
        scratch=keys_of({}, dict.fromkeys(("/tmp", "/var/cache", "/a.b"), st.just("64Mi"))),
        files=keys_of({}, dict.fromkeys(("/etc/a.conf", "/etc/b/a.conf", "/srv/_.-"), TEXT)),
        secretEnv=keys_of({}, dict.fromkeys(
            ("SECRET", "_s"), st.just({"secret": "its.secret", "key": "_.-"})
        )),
        secretFiles=keys_of({}, {
            "/etc/tls": st.just({"secret": "tls"}),
            "/etc/c.pem": st.just({"secret": "tls", "key": "c.pem"}),
        }),
        awsSecrets=keys_of({}, {
            "/mnt/s/db": st.just(arn("secretsmanager", region, "secret:a/b-AbCdEf")),
            "/mnt/s/a.b": st.just(arn("ssm", region, "parameter/a/b_c")),
        }),
        memoryScratch=keys_of({}, {"/dev/shm": st.just("16Mi"), "/run": st.just("1Mi")}),
        imagePullSecrets=some(["a", "b.c"]),
        envFields=keys_of({}, {
            "IP": st.sampled_from(["status.podIP", "status.hostIP"]),
            "ZONE": st.just("metadata.labels['topology.kubernetes.io/zone']"),
        }),
        envResources=keys_of({}, {
            "CORES": st.just({"resource": "limits.cpu"}),
            "MIB": st.just({"resource": "limits.memory", "divisor": "1Mi"}),
        }),
        envFrom=st.lists(st.sampled_from([
            {"secret": "a"}, {"configMap": "a"}, {"secret": "a", "prefix": "A_"},
        ]), max_size=3, unique_by=str),
        traced=st.booleans(),
        logs=st.sampled_from([
            {}, {"collected": False}, {"multiline": "java"}, {"collected": True, "multiline": "go"}
        ]),
        serviceAccountToken=st.booleans(),
        policies=some([f"arn:aws:iam::{account}:policy/a/B+c" for account in ACCOUNTS]),
        reaches=st.lists(keys_of({
            "cidr": st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32"]), "port": PORT,
        }), max_size=3),
        tolerationSeconds=keys_of(
            {}, dict.fromkeys(("notReady", "unreachable"), st.integers(0, 3600))
        ),
    )  # fmt: skip
    if workload.get("awsSecrets"):
        key = arn("kms", region, f"key/{'0' * 8}{'-0000' * 3}-{'0' * 12}")
        maybe(draw, workload, awsSecretKeys=some([key]))
    return workload
