"""`server/scripts` on a copy of the repository's shape: a real Python, pip and uv, and a package with no dependencies.

Nothing here needs the network: uv is installed from a wheel made of the one that is installed here.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = REPOSITORY / "server" / "scripts"
WINDOWS = os.name == "nt"
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "magnetar"
version = "0.1.0"
requires-python = ">=3.10"
[project.scripts]
magnetar = "magnetar:main"
[dependency-groups]
dev = []
test = []
"""
LOCK = """
version = 1
revision = 3
requires-python = ">=3.10"
[[package]]
name = "magnetar"
version = "0.1.0"
source = { editable = "." }
[package.dev-dependencies]
dev = []
test = []
[package.metadata]
[package.metadata.requires-dev]
dev = []
test = []
"""
BACKEND = """
import zipfile

def build_editable(directory, config_settings=None, metadata_directory=None):
    info = "magnetar-0.1.0.dist-info"
    files = {
        "magnetar.py": "import sys\\ndef main(): print('hello', *sys.argv[1:]); return 3\\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: magnetar\\nVersion: 0.1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/entry_points.txt": "[console_scripts]\\nmagnetar = magnetar:main\\n",
    }
    name = "magnetar-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{path},,\\n" for path in (*files, f"{info}/RECORD")))
    return name
"""

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed"),
    pytest.mark.timeout(240),
]


def wheel_of(distribution, folder):
    """A wheel made of an installed distribution."""
    tag = next(line for line in distribution.read_text("WHEEL").splitlines() if line.startswith("Tag: "))[5:]
    name = f"{distribution.metadata['Name']}-{distribution.version}"
    rows = []
    with zipfile.ZipFile(folder / f"{name}-{tag}.whl", "w") as wheel:
        for file in distribution.files:
            path = f"{name}.data/scripts/{file.name}" if file.parts[0] == ".." else file.as_posix()
            if file.name in {"RECORD", "INSTALLER", "REQUESTED"} or "__pycache__" in file.parts:
                continue
            here = Path(file.locate())
            data = here.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            wheel.write(here, path)
            rows.append(f"{path},sha256={digest},{len(data)}\n")
        wheel.writestr(f"{name}.dist-info/RECORD", "".join([*rows, f"{name}.dist-info/RECORD,,\n"]))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    try:
        uv = metadata.distribution("uv")
    except metadata.PackageNotFoundError:
        pytest.skip("uv is not in this environment; npm test puts it there")
    folder = tmp_path_factory.mktemp("wheels")
    wheel_of(uv, folder)
    return folder


class Clone:
    """A repository like ours, in a place of its own, with a temporary directory and a uv cache of its own."""

    def __init__(self, folder, wheels):
        self.root = folder / "clone"
        self.temporary = folder / "temporary"
        self.wheels = wheels
        shutil.copytree(SCRIPTS, self.root / "server" / "scripts")
        self.temporary.mkdir()
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        (self.root / "uv.lock").write_text(LOCK)
        (self.root / "backend.py").write_text(BACKEND)

    def start(self, *args, python=sys.executable, **variables):
        asked = ("--python", str(python)) if python else ()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))},
            "TMPDIR": str(self.temporary),
            "TEMP": str(self.temporary),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "UV_CACHE_DIR": str(self.temporary / "uv"),
            "UV_NO_CONFIG": "1",
            **variables,
        }
        return subprocess.Popen(
            ["node", self.root / "server" / "scripts" / "run.mjs", *asked, *args],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *args, **options):
        process = self.start(*args, **options)
        process.stdout_text, process.stderr_text = process.communicate()
        return process

    @property
    def venv(self):
        return self.root / ".venv"

    @property
    def python(self):
        return self.venv / ("Scripts/python.exe" if WINDOWS else "bin/python")

    @property
    def stamp(self):
        return json.loads((self.venv / "magnetar-setup.json").read_text())


@pytest.fixture(scope="module")
def clone(tmp_path_factory, wheels):
    """Set up by two runs at once, as two terminals would."""
    clone = Clone(tmp_path_factory.mktemp("setup"), wheels)
    runs = [clone.start("--group", "dev") for _ in range(2)]
    clone.first = [(*run.communicate(), run.returncode) for run in runs]
    return clone


def test_two_first_runs_at_once_make_one_environment_and_both_succeed(clone):
    assert [code for _, _, code in clone.first] == [0, 0], clone.first
    reports = "".join(stderr for _, stderr, _ in clone.first)
    assert reports.count("✓ virtual environment") == 1
    assert reports.count("✓ packages of uv.lock") == 1


def test_a_first_run_says_each_step_and_how_long_it_took(clone):
    report = max((stderr for _, stderr, _ in clone.first), key=len)
    for step in ("Python", "virtual environment", "uv", "packages of uv.lock"):
        assert f"✓ {step}" in report
    assert report.count(" s\n") + report.count(" ms\n") >= 4


def test_a_program_of_the_environment_gets_its_arguments_and_gives_its_exit_code(clone):
    run = clone.run("--group", "dev", "magnetar", "--python", "-k", "a b")
    assert (run.stdout_text, run.returncode) == ("hello --python -k a b\n", 3)


def test_a_second_run_has_nothing_to_say_and_needs_no_network(clone):
    run = clone.run("--group", "dev", PIP_FIND_LINKS="/nowhere", UV_OFFLINE="1", PATH=os.environ["PATH"])
    assert (run.stdout_text, run.stderr_text, run.returncode) == ("", "", 0)


def test_a_group_that_was_installed_stays_when_a_later_run_does_not_name_it(clone):
    assert clone.run().stderr_text == ""
    assert "dev" in clone.stamp["groups"]


def test_a_changed_lock_file_is_installed_into_the_same_environment(clone):
    (clone.venv / "marker").touch()
    (clone.root / "uv.lock").write_text(LOCK + "\n# changed\n")
    run = clone.run("--group", "test")
    assert run.returncode == 0, run.stderr_text
    assert "✓ packages of uv.lock" in run.stderr_text
    assert "✓ virtual environment" not in run.stderr_text
    assert (clone.venv / "marker").exists()
    assert clone.stamp["groups"] == ["dev", "test"]


def test_an_environment_that_was_moved_or_whose_python_is_gone_is_made_anew(clone):
    clone.run()
    moved = clone.root.with_name("moved")
    clone.root.rename(moved)
    clone.root = moved
    clone.python.unlink()
    run = clone.run("magnetar")
    assert (run.stdout_text, run.returncode) == ("hello\n", 3), run.stderr_text
    assert "✓ virtual environment" in run.stderr_text


def test_a_lock_whose_holder_is_gone_holds_nobody_up(clone):
    (clone.venv / "magnetar-setup.json").unlink(missing_ok=True)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    name = hashlib.sha256(str(clone.root.resolve()).encode()).hexdigest()[:16]
    lock = clone.temporary / f"magnetar-setup-{name}.lock"
    lock.write_text(str(gone.pid))
    run = clone.run()
    assert run.returncode == 0, run.stderr_text
    assert not lock.exists()


@pytest.fixture
def fresh(tmp_path, wheels):
    return Clone(tmp_path, wheels)


def test_without_a_network_the_first_setup_says_so_and_what_to_do(fresh):
    run = fresh.run(PIP_FIND_LINKS=str(fresh.temporary))
    assert run.returncode == 1
    assert "The package index cannot be reached" in run.stderr_text
    assert "HTTPS_PROXY" in run.stderr_text
    assert "at async" not in run.stderr_text
    assert fresh.run().returncode == 0, "the next run, with a network, goes on from there"


def test_where_only_pip_knows_the_way_to_the_index_pip_installs_what_the_lock_file_says(fresh, wheels):
    leaf = wheels / "leaf-1.0-py3-none-any.whl"
    with zipfile.ZipFile(leaf, "w") as wheel:
        wheel.writestr("leaf.py", "")
        wheel.writestr("leaf-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: leaf\nVersion: 1.0\n")
        wheel.writestr("leaf-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("leaf-1.0.dist-info/RECORD", "")
    index = "http://127.0.0.1:9"
    digest = hashlib.sha256(leaf.read_bytes()).hexdigest()
    (fresh.root / "uv.lock").write_text(
        LOCK.replace('source = { editable = "." }', 'source = { editable = "." }\ndependencies = [{ name = "leaf" }]')
        + f"""[[package]]
        name = "leaf"
        version = "1.0"
        source = {{ registry = "{index}/simple" }}
        wheels = [{{ url = "{index}/{leaf.name}", hash = "sha256:{digest}" }}]
        """
    )
    run = fresh.run("python", "-c", "import leaf, magnetar", UV_HTTP_RETRIES="0")
    assert run.returncode == 0, run.stderr_text
    leaf.write_bytes(leaf.read_bytes() + b"tampered with")
    (fresh.root / ".venv" / "magnetar-setup.json").unlink()
    shutil.rmtree(next(fresh.venv.rglob("leaf-1.0.dist-info")))
    assert fresh.run(UV_HTTP_RETRIES="0").returncode == 1


def fake_python(folder, name, body):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.mark.skipif(WINDOWS, reason="needs shell scripts as programs")
def test_a_python_that_is_too_old_or_only_a_shim_is_passed_over(tmp_path, fresh):
    folder = tmp_path / "bin"
    folder.mkdir()
    fake_python(folder, "python3.13", "echo 'python3.13: command not found in this version' >&2; exit 127")
    fake_python(folder, "python3.12", """echo '{"version": [3, 8, 1], "executable": "/old", "real": "/old"}'""")
    (folder / "node").symlink_to(shutil.which("node"))
    nothing = fresh.run(python=None, PATH=str(folder))
    assert nothing.returncode == 1
    assert "No Python 3.10 or newer was found (python3.12 is 3.8.1)" in nothing.stderr_text
    assert "--python EXE" in nothing.stderr_text
    (folder / "python3").symlink_to(sys.executable)
    assert fresh.run(python=None, PATH=f"{folder}:/usr/bin:/bin").returncode == 0


@pytest.mark.skipif(WINDOWS, reason="needs shell scripts as programs")
def test_a_python_without_pip_or_ensurepip_is_told_apart_from_other_failures(tmp_path, fresh):
    probe = json.dumps({"version": [3, 11, 2], "executable": str(tmp_path / "bare"), "real": str(tmp_path / "bare")})
    fake_python(
        tmp_path,
        "bare",
        f"""case "$*" in
            *"-m pip"*) exit 1 ;;
            *"-m venv"*) echo 'The virtual environment was not created: ensurepip is not available.'; exit 1 ;;
            *) echo '{probe}' ;;
        esac""",
    )
    run = fresh.run(python=tmp_path / "bare")
    assert run.returncode == 1
    assert "has neither pip nor ensurepip" in run.stderr_text
    assert "apt install python3-venv" in run.stderr_text


def test_a_python_that_was_asked_for_and_does_not_run_is_an_error(fresh):
    run = fresh.run(python=fresh.root / "no-python")
    assert run.returncode == 1
    assert "is no Python that runs" in run.stderr_text


def test_a_program_that_is_not_there_is_an_error(clone):
    run = clone.run("no-such-program")
    assert run.returncode == 1
    assert "no-such-program is not in" in run.stderr_text


@pytest.mark.parametrize("file", sorted(Path(__file__).parent.glob("scripts/*.test.mjs")), ids=lambda path: path.name)
def test_the_scripts_own_tests_pass(file):
    run = subprocess.run(["node", "--test", file], capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout
