"""Runs `python -m tools.deploy.up` with fake `pulumi` and `aws` programs."""

import json
import signal

import pytest

from tests.command_machine import Machine
from tools.deploy.documentation_values import documentation_values

IDENTITY = "[sts][get-caller-identity][--output][json][--region][us-east-1]"
CLUSTER = "[eks][describe-cluster][--name][own][--output][json][--region][us-east-1]"
SELECT, UP = "[stack][select][--create][own]", "[up][--stack][own]"


def test_a_stack_is_deployed_after_all_checks(machine: Machine) -> None:
    machine.has("pulumi", 'echo output; echo warning >&2; read answer; echo "answer: $answer"')
    done = machine.up(stdin="first\nyes\n")
    assert done.returncode == 0, done.stderr
    assert machine.called(f"aws {IDENTITY}", f"aws {CLUSTER}", f"pulumi {SELECT}", f"pulumi {UP}")
    assert done.stdout == "output\nanswer: first\noutput\nanswer: yes\n", (
        "an operator could not answer the prompts of Pulumi"
    )
    assert done.stderr == "warning\nwarning\n"


def test_pulumi_runs_in_the_folder_of_the_project(machine: Machine) -> None:
    done = machine.up(cwd=machine.bin, PYTHONPATH=str(machine.project))
    assert done.returncode == 0, done.stderr
    folder = f" in {machine.project}"
    assert machine.calls()[2:] == [f"pulumi {SELECT}{folder}", f"pulumi {UP}{folder}"]


def test_the_exit_status_is_the_exit_status_of_pulumi(machine: Machine) -> None:
    machine.has("pulumi", '[ "$1" = up ] && exit 7; exit 0')
    assert machine.up().returncode == 7


def test_a_stack_that_cannot_be_selected_is_not_deployed(machine: Machine) -> None:
    machine.has("pulumi", "echo 'error: log in first' >&2; exit 3")
    done = machine.up()
    assert (done.returncode, done.stderr) == (3, "error: log in first\n")
    assert machine.called(f"aws {IDENTITY}", f"aws {CLUSTER}", f"pulumi {SELECT}")


def test_ctrl_c_prints_no_stack_trace(machine: Machine) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("SIGINT is ignored in this environment")
    machine.has("aws", "kill -INT $PPID")
    done = machine.up()
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
    assert machine.called(f"aws {IDENTITY}")


READING = "reading the Deployments into the state …\n"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0, READING),
        (
            1,
            f"{READING}own: the Deployments cannot be read; run pulumi refresh -s own before you "
            "return to a former image\n",
        ),
    ],
)
@pytest.mark.parametrize(
    ("number", "end"), [("INT", (130, "interrupted\n")), ("TERM", (143, "terminated\n"))]
)
def test_an_interrupted_up_reads_the_deployments_into_the_state(
    machine: Machine, number: str, end: tuple[int, str], status: int, error: str
) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and number == "INT":
        pytest.skip("SIGINT is ignored in this environment")
    machine.has(
        "pulumi", f'case "$1" in up) kill -{number} $PPID; exit 1;; refresh) exit {status}; esac'
    )
    done = machine.up()
    assert (done.returncode, done.stderr) == (end[0], error + end[1])
    target = "[--target][**kubernetes:apps/v1:Deployment::**]"
    refresh = f"[refresh][--yes][--skip-preview][--stack][own]{target}"
    assert machine.called(
        f"aws {IDENTITY}", f"aws {CLUSTER}", f"pulumi {SELECT}", f"pulumi {UP}", f"pulumi {refresh}"
    ), "a return to the former image would not be deployed"


def test_problems_of_the_stack_file_are_reported_before_missing_programs(machine: Machine) -> None:
    text = (machine.project / "Pulumi.dev.yaml").read_text().replace("nat: single", "nat: nope")
    machine.stack.write_text(text, encoding="utf-8")
    [line] = (number for number, row in enumerate(text.splitlines(), 1) if "nat: nope" in row)
    machine.has_no("pulumi")
    machine.has_no("aws")
    assert machine.refuses() == (
        f"Pulumi.own.yaml:{line}: ha-eks:network.nat: must be one of perZone, regional, single, "
        'none; found "nope"\n'
    )
    assert not machine.cache.exists()


def test_a_program_that_cannot_be_previewed_is_not_deployed(machine: Machine) -> None:
    with (machine.project / "__main__.py").open("a", encoding="utf-8") as file:
        file.write('\nimport pulumi_aws as aws\n\naws.kms.Key("forgotten")\n')
    urn = "urn:pulumi:own::ha-eks::aws:kms/key:Key::forgotten"
    assert machine.refuses() == (
        f"{urn}: no explicit provider, and the default provider of aws is disabled; "
        "set `parent` or `provider` in its options\n"
    )
    assert machine.calls() == []


def test_documentation_values_are_refused_with_key_and_line(machine: Machine) -> None:
    machine.has_no("pulumi")
    rows = (machine.project / "Pulumi.prod.yaml").read_text().splitlines()

    def refused(key: str, found: str) -> str:
        name = key.rpartition(".")[2].removesuffix("[0]") + ":"
        [line] = (number for number, row in enumerate(rows, 1) if name in row and found in row)
        return (
            f"Pulumi.prod.yaml:{line}: {key}: {found} is a documentation value; write your own "
            "value"
        )

    assert machine.refuses("prod").splitlines() == [
        refused("ha-eks:cluster.publicAccessCidrs[0]", "203.0.113.0"),
        refused("ha-eks:images.credentials.ghcr.io", "123456789012"),
        refused("ha-eks:observability.alarms.subscriptions[0].endpoint", "example.com"),
        refused("ha-eks:traffic.domain", "example.com"),
        refused("ha-eks:traffic.hostedZoneId", "Z0123456789ABCDEFGHIJ"),
    ]
    assert machine.calls() == []
    assert not machine.cache.exists(), "Pulumi is installed for a stack that cannot be deployed"


@pytest.mark.parametrize(
    "value",
    [
        "203.0.113.0/24", "203.0.113.7/32", "198.51.100.128/25", "192.0.2.0/24", "192.0.2.1",
        "--dns=192.0.2.53:53", "123456789012", 123456789012, "arn:aws:iam::123456789012:role/ops",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1.0", "example.com", "example.org",
        "example.net", "app.example.com", "app.Example.COM", "registry.example.org/web:1.0",
        "example.net:5000/web:1.0", "https://api.example.com/v1", "me@example.org", "example.com.",
        "Z0123456789ABCDEFGHIJ",
    ],
)  # fmt: skip
def test_a_documentation_value_is_a_problem(value: object) -> None:
    config: dict[str, object] = {"aws:region": "us-east-1", "ha-eks:apps": {"web": ["a", value]}}
    (problem,) = documentation_values(config)
    assert (problem.key, problem.value) == ("ha-eks:apps.web[1]", value)
    found, text = problem.message.split(" ", 1)
    assert found in str(value)
    assert text == "is a documentation value; write your own value"


@pytest.mark.parametrize(
    "value",
    [
        "203.0.112.0/24", "203.0.114.0/24", "198.51.101.0/24", "192.0.20.0/24", "1.192.0.2.0",
        "192.0.2.0.1", "1203.0.113.0", "1123456789012", "1234567890123", "a123456789012b",
        "myexample.com", "my-example.com", "example.community", "example.com.au", "example.de",
        "example-com", "Z0123456789ABCDEFGHIJK", "Z01234", 9898, True, None, "",
    ],
)  # fmt: skip
def test_a_value_that_resembles_a_documentation_value_is_accepted(value: object) -> None:
    assert list(documentation_values({"ha-eks:apps": {"web": value}})) == []


def test_a_missing_aws_cli_is_reported_with_a_link(machine: Machine) -> None:
    machine.has_no("aws")
    assert machine.refuses() == (
        "aws: not on PATH, and the kubeconfig gets its tokens from it; install the AWS CLI: "
        "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html\n"
    )


def test_missing_credentials_are_reported_with_the_error_of_aws(machine: Machine) -> None:
    machine.has("aws", "printf '\\nwarning\\nUnable to locate credentials.\\n' >&2; exit 253")
    assert machine.refuses() == (
        "aws: no valid credentials: Unable to locate credentials; "
        "sign in (aws sso login), or set another profile in AWS_PROFILE\n"
    )


def test_the_profile_of_the_stack_file_is_used(machine: Machine) -> None:
    machine.setting("aws:profile: cells")
    assert machine.up().returncode == 0
    assert machine.called(
        f"aws {IDENTITY}[--profile][cells]",
        f"aws {CLUSTER}[--profile][cells]",
        f"pulumi {SELECT}",
        f"pulumi {UP}",
    )


def test_a_profile_without_credentials_is_reported_by_name(machine: Machine) -> None:
    machine.setting("aws:profile: cells")
    machine.has("aws", "echo 'The config profile (cells) could not be found' >&2; exit 255")
    assert machine.refuses() == (
        "aws: no valid credentials: The config profile (cells) could not be found; sign in "
        "(aws sso login), or set another profile in aws:profile of Pulumi.own.yaml (now cells)\n"
    )


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("exit 1", "no output"),
        ("echo what", "Expecting value: line 1 column 1 (char 0)"),
        ("echo '{}'", "'Account'"),
        ("echo null", "'NoneType' object is not subscriptable"),
    ],
)
def test_an_unexpected_answer_of_aws_is_reported_in_one_line(
    machine: Machine, script: str, error: str
) -> None:
    machine.has("aws", script)
    assert machine.refuses() == (
        f"aws: no valid credentials: {error}; sign in (aws sso login), or set another profile in "
        "AWS_PROFILE\n"
    )


def test_an_aws_cli_that_cannot_run_is_reported_in_one_line(machine: Machine) -> None:
    program = machine.bin / "aws"
    program.write_bytes(b"\x7fELF")
    assert machine.refuses() == (
        f"aws: no valid credentials: [Errno 8] Exec format error: '{program}'; sign in (aws sso "
        "login), or set another profile in AWS_PROFILE\n"
    )


ALLOWED = 'aws:allowedAccountIds: ["210987654321", "333333333333"]'
ROLE = "aws:assumeRoles: [{roleArn: 'arn:aws:iam::333333333333:role/deployer'}]"


@pytest.mark.parametrize("settings", [(ALLOWED,), (ALLOWED, ROLE), (ROLE,)])
def test_a_stack_is_deployed_to_an_allowed_account(
    machine: Machine, settings: tuple[str, ...]
) -> None:
    for line in settings:
        machine.setting(line)
    done = machine.up()
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("role", "account"),
    [(None, "210987654321"), (ROLE.replace("3333", "4444"), "444444444444")],
    ids=["credentials", "role"],
)
def test_an_account_that_is_not_allowed_is_refused(
    machine: Machine, role: str | None, account: str
) -> None:
    machine.setting(ALLOWED.replace("210987654321", "555555555555"))
    if role:
        machine.setting(role)
    assert machine.refuses() == (
        f"aws: the credentials are for account {account}, but Pulumi.own.yaml allows only "
        "555555555555, 333333333333; use other credentials, or change aws:allowedAccountIds\n"
    )


def installer(machine: Machine, script: str) -> str:
    """Returns a folder for PYTHONPATH that replaces the download of the Pulumi installer."""
    site = machine.bin.parent / "site"
    site.mkdir()
    machine.write(site / "install.sh", script)
    (site / "sitecustomize.py").write_text(
        "import urllib.request\n"
        "def urlopen(url):\n"
        "    assert url == 'https://get.pulumi.com/install.sh'\n"
        f"    return open({str(site / 'install.sh')!r}, 'rb')\n"
        "urllib.request.urlopen = urlopen\n",
        encoding="utf-8",
    )
    return str(site)


def installed(machine: Machine) -> str:
    """Returns an installer script that copies a Pulumi CLI to the given folder."""
    cli = machine.bin.parent / "pulumi"
    machine.write(cli, '[ "$1" = version ] && echo v3.999.0; exit 0')
    return f'''PATH=/usr/bin:/bin; mkdir -p "$3/bin" && cp '{cli}' "$3/bin/pulumi"'''


def test_a_missing_pulumi_is_installed_once(machine: Machine) -> None:
    machine.has_no("pulumi")
    root = machine.cache / "ha-eks" / "pulumi-cli"
    site = installer(machine, installed(machine))
    done = machine.up(PYTHONPATH=site)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"pulumi: not on PATH; installing it in {root} (once) …\n"
    calls = [call.removesuffix(f" in {machine.project}") for call in machine.calls()]
    assert f"[--no-edit-path][--install-root][{root}][--version]" in calls[0]
    assert calls[1:] == [
        "pulumi [version]",
        f"aws {IDENTITY}",
        f"aws {CLUSTER}",
        f"pulumi {SELECT}",
        f"pulumi {UP}",
    ]
    again = machine.up()
    assert (again.returncode, again.stderr) == (0, "")
    assert machine.calls()[7:] == machine.calls()[2:6], "Pulumi is installed again"


def test_pulumi_is_installed_in_the_default_cache_without_xdg_cache_home(machine: Machine) -> None:
    machine.has_no("pulumi")
    site = installer(machine, installed(machine))
    done = machine.up(PYTHONPATH=site, HOME=str(machine.cache), XDG_CACHE_HOME="")
    assert done.returncode == 0, done.stderr
    assert (machine.cache / ".cache" / "ha-eks" / "pulumi-cli" / "bin" / "pulumi").exists()


def test_all_missing_programs_are_reported_at_once(machine: Machine) -> None:
    machine.has_no("pulumi")
    machine.has_no("aws")
    installing, pulumi, aws = machine.refuses().splitlines()
    root = machine.cache / "ha-eks" / "pulumi-cli"
    assert installing == f"pulumi: not on PATH; installing it in {root} (once) …"
    refused = "<urlopen error [Errno 111] Connection refused>"
    assert pulumi == (
        f"pulumi: not on PATH, and the installation failed: {refused}; install the Pulumi CLI: "
        "https://www.pulumi.com/docs/install/"
    )
    assert aws == (
        "aws: not on PATH, and the kubeconfig gets its tokens from it; install the AWS CLI: "
        "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
    )


def test_a_failed_installation_is_reported_in_one_line(machine: Machine) -> None:
    machine.has_no("pulumi")
    site = installer(machine, "echo trying; echo 'error: no release for this platform' >&2; exit 1")
    assert machine.refuses(PYTHONPATH=site).splitlines()[1:] == [
        "pulumi: not on PATH, and the installation failed: error: no release for this platform; "
        "install the Pulumi CLI: https://www.pulumi.com/docs/install/"
    ]


def test_a_pulumi_that_cannot_run_is_reported_in_one_line(machine: Machine) -> None:
    cli = machine.bin / "pulumi"
    cli.write_bytes(b"\x7fELF")
    assert machine.refuses() == f"{cli}: cannot run: Exec format error; install it again\n"


def test_a_zone_that_is_out_in_aws_only_stops_an_up(machine: Machine) -> None:
    groups = """{"AvailabilityZones": ["us-east-1a"], "MinSize": 0},
                {"AvailabilityZones": ["us-east-1b"], "MinSize": 4}"""
    machine.aws(describe_auto_scaling_groups=f"echo '{{\"AutoScalingGroups\": [{groups}]}}'")
    assert machine.refuses() == (
        "Pulumi.own.yaml:6: ha-eks:network.zonesOut: AWS has us-east-1a out of service, and this "
        "up would return it; pull the commit that took it out, or write [us-east-1a]; when the "
        "zone may serve again, run make zone-in STACK=own ZONE=us-east-1a\n"
    )


def test_requests_that_a_change_of_a_running_cell_fails_are_told_first(machine: Machine) -> None:
    parent = "urn:pulumi:own::ha-eks::ha-eks:index:LoadBalancing$"
    group = f"{parent}aws:lb/targetGroup:TargetGroup::lb-web"
    listener = f"{parent}aws:lb/listener:Listener::lb-http"
    resources = [
        {"type": "aws:lb/targetGroup:TargetGroup", "urn": group, "inputs": {
            "protocolVersion": "GRPC"}},
        {"type": "aws:lb/listener:Listener", "urn": listener, "inputs": {},
         "propertyDependencies": {"defaultActions": [group]}},
    ]  # fmt: skip
    state = json.dumps({"deployment": {"resources": resources}})
    machine.has("pulumi", f"""[ "$1 $2" = "stack export" ] && printf '%s' '{state}'; exit 0""")
    machine.aws(describe_cluster="""printf '{"cluster": {"version": "1.36"}}'""")
    done = machine.up()
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("caution: web: another protocol needs a new target group, ")
    export, *_ = [each for each in machine.calls() if each.startswith("pulumi")]
    assert export == f"pulumi [stack][export][--stack][own] in {machine.project}"


def test_make_up_passes_the_stack(machine: Machine) -> None:
    (machine.project / "up").touch()  # a file named like the target
    done = machine.make("up", "STACK=own", exit_status=5)
    assert machine.called("python [-m][tools.deploy.up][own]"), done.stderr
    assert done.returncode
