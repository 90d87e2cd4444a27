"""The files for servers: whole, with known settings only, and the same as what is tried on one machine."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from deployments.large_topology import LargeTopology
from runtime.settings import InstallationSettings

SERVER = Path(__file__).resolve().parents[2] / "deployments" / "server"
COMPOSE = SERVER / "compose.yaml"
UNITS = sorted(SERVER.rglob("*.service"))
ROOT = SERVER.parents[1]
RUNS = re.compile(
    r"^ExecStart=/opt/kanalvakt/\.venv/bin/(?:python -m (\S+)|python -P (\S+)|prefect (\S+))", re.MULTILINE
)
ENVIRONMENTS = sorted(SERVER.rglob("*.env"))


def chosen_in(*files: Path) -> dict[str, str]:
    """Name → value, of what is set and what stands there to be set."""
    lines = [
        line.removeprefix("#").strip() for file in files for line in file.read_text("utf-8").splitlines()
    ]
    found = [re.fullmatch(r"([A-Z][A-Z_]+)=(.*)", line) for line in lines]
    return {one[1]: one[2] for one in found if one}


def test_the_compose_file_follows_the_specification_and_says_that_nobody_has_run_it() -> None:
    """By the specification's own JSON schema, as check-jsonschema carries it."""
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "not run by us" in COMPOSE.read_text("utf-8").splitlines()[0]


PREFECT = ("python", "-P", "deployments/prefect_program.py")


def test_in_containers_there_is_what_there_is_on_servers(tmp_path: Path) -> None:
    """Two Prefect servers, their services, several workers on one pool, the portal, both databases, Redis."""
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    ours, large = {name: one.get("command") for name, one in services.items()}, LargeTopology(tmp_path)
    for container, part in (("prefect-1", "prefect 1"), ("prefect-2", "prefect 2")):
        assert ours[container][3:] == large.parts[part].command[2:5]
    assert ours["prefect-services"][3:] == large.parts["prefects tjänster"].command[2:]
    assert {tuple(ours[one][:3]) for one in ours if one.startswith("prefect")} == {PREFECT}
    assert ours["worker"][1:] == large.parts["arbetare 1"].command
    assert ours["portal"][1:3] == large.parts["portal"].command[:2]
    assert services["worker"]["deploy"]["replicas"] == large.workers
    assert {"database", "redis", "upgrade", "deploy"} <= set(services)
    assert {"kanalvakt.env", "large/large.env"} <= set(services["worker"]["env_file"])


def test_what_the_trial_on_one_machine_sets_for_prefect_the_files_set_too(tmp_path: Path) -> None:
    large, files = (
        LargeTopology(tmp_path),
        chosen_in(SERVER / "kanalvakt.env", SERVER / "large" / "large.env"),
    )
    told = large.prefect_environment()
    assert {name for name in told if name.startswith("PREFECT_SERVER_")} <= set(files)
    same = [name for name, value in told.items() if value.startswith("prefect_redis.")]
    assert len(same) == 5 and all(files[name] == told[name] for name in same)


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda one: one.name)
def test_every_setting_in_the_files_is_one_that_there_is(file: Path) -> None:
    known = {f"KANALVAKT_{name}".upper() for name in InstallationSettings.model_fields}
    assert {name for name in chosen_in(file) if name.startswith("KANALVAKT_")} <= known


@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_every_service_runs_what_there_is_with_the_settings_of_all(unit: Path) -> None:
    """As a user of its own, who may write in one folder."""
    text = unit.read_text("utf-8")
    [module, program, prefect] = RUNS.findall(text)[0]
    ours = program.removeprefix("/opt/kanalvakt/") or as_file(module)
    assert prefect == "server" or (ROOT / ours).exists()
    files = re.findall(r"^EnvironmentFile=/etc/kanalvakt/(\S+)", text, re.M)
    assert files[0] == "kanalvakt.env" and ("large.env" in files) == (unit.parent.name == "large")
    for line in ("User=kanalvakt", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077", "[Install]"):
        assert f"\n{line}\n" in text


def as_file(module: str) -> str:
    """Where a module is."""
    path = module.replace(".", "/")
    return f"{path}.py" if (ROOT / f"{path}.py").exists() else f"{path}/__main__.py"


def test_what_the_command_writes_is_its_users_alone() -> None:
    """As what the services write: the database is made by a command."""
    lines = (SERVER / "kanalvakt").read_text("utf-8").splitlines()
    assert lines.index("umask 077") < next(place for place, one in enumerate(lines) if one.startswith("exec"))
    assert all("UMask=0077" in unit.read_text("utf-8") for unit in UNITS)


@pytest.mark.parametrize("reached", [True, False])
def test_the_command_runs_also_where_its_user_may_not_be(tmp_path: Path, reached: bool) -> None:
    """Root's own folder, where whoever logs in stands: its user may not even ask what lies there."""
    ran = run_the_command(tmp_path, ("kanalvakt.env", "secrets/prefect.env"), reached=reached)
    assert ran.stdout.strip() == str(tmp_path if reached else tmp_path / "home"), ran.stderr
    assert ran.stderr == ""


def test_the_command_says_which_file_of_settings_is_missing_and_runs(tmp_path: Path) -> None:
    """Else doctor, which is asked what is wrong, would not begin."""
    ran = run_the_command(tmp_path, ("kanalvakt.env",), reached=True)
    assert ran.stdout.strip() == str(tmp_path)
    assert re.fullmatch(
        r"Filen \S+/secrets/prefect\.env saknas: se steg 2 i docs/how-to/install\.md\.\n", ran.stderr
    )


def run_the_command(folder: Path, files: Sequence[str], *, reached: bool) -> subprocess.CompletedProcess[str]:
    """It, with these of its files, as a command that says where it runs."""
    run, home, bin_folder = folder / "run", folder / "home", folder / "bin"
    for one in (run / "secrets", home, bin_folder):
        one.mkdir(parents=True)
    for name in files:
        (run / name).touch()
    text = (SERVER / "kanalvakt").read_text("utf-8")
    for of_a_server, here in (
        ("/etc/kanalvakt", str(run)),
        ("/var/lib/kanalvakt", str(home)),
        ("/opt/kanalvakt/.venv/bin/kanalvakt", "pwd"),
    ):
        text = text.replace(of_a_server, here)
    (bin_folder / "runuser").write_text(
        f'#!/bin/sh\nshift 3\nif [ "$1" = test ]; then exit {0 if reached else 1}; fi\nexec "$@"\n'
    )
    (bin_folder / "runuser").chmod(0o755)
    path = {"PATH": f"{bin_folder}:/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", text], cwd=folder, env=path, capture_output=True, text=True)
