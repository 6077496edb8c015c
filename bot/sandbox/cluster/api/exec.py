"""pods/exec over WebSocket: the few commands people use to look around in a container.

Used by `api.server`. Nothing is executed: `env`, `printenv`, `echo`, `cat /etc/resolv.conf`, `nslookup`, `getent`,
`curl` and `wget` are answered from the simulation, as seen from that container; any other command is not found.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.sandbox.cluster.network.routes import PodNetwork
from bot.sandbox.cluster.process.program import ProcessReply, ProcessRequest, Unreached
from bot.sandbox.cluster.process.runtime import ContainerRuntime, PodRuntime
from bot.sandbox.cluster.simulation import Simulation
from bot.sandbox.cluster.state.status import bad_request
from bot.sandbox.cluster.state.values import Object


@dataclass(frozen=True)
class Output:
    """What a command printed and how it ended."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


def run_command(simulation: Simulation, pod: Object, container: str, command: list[str]) -> Output:
    """Answer one command. Raises 400 when the container does not run."""
    name = container or pod["spec"]["containers"][0]["name"]
    runtime = simulation.world.runtimes.get(pod["metadata"]["uid"])
    found = runtime.containers.get(name) if runtime is not None else None
    if runtime is None or found is None or not found.running:
        raise bad_request(f'container not found ("{name}")')
    words = _unwrapped(command)
    if not words:
        return Output()
    program, arguments = words[0].rsplit("/", 1)[-1], words[1:]
    if program in ("env", "printenv"):
        return _environment(found, runtime, arguments)
    if program == "echo":
        return Output(" ".join(_expanded(word, found, runtime) for word in arguments) + "\n")
    if program == "cat" and arguments == ["/etc/resolv.conf"]:
        space = pod["metadata"]["namespace"]
        return Output(
            f"search {space}.svc.cluster.local svc.cluster.local cluster.local\n"
            "nameserver 172.30.0.10\noptions ndots:5\n"
        )
    if program in ("nslookup", "getent"):
        return _resolve(simulation, runtime, arguments[-1] if arguments else "")
    if program in ("curl", "wget"):
        return _fetch(simulation, runtime, program, arguments)
    return Output("", f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{words[0]}": '
                  "executable file not found in $PATH: unknown\n", 127)  # fmt: skip


def exit_status(output: Output) -> Object:
    """The Status on the error channel that ends an exec session."""
    status: Object = {"metadata": {}, "status": "Success"}
    if output.code:
        cause = {"reason": "ExitCode", "message": str(output.code)}
        message = f"command terminated with non-zero exit code: exit status {output.code}"
        status |= {"status": "Failure", "message": message, "reason": "NonZeroExitCode", "details": {"causes": [cause]}}
    return status


def _expanded(word: str, container: ContainerRuntime, runtime: PodRuntime) -> str:
    """`$NAME` as the shell in the container would write it."""
    return _environment(container, runtime, [word[1:]]).stdout.strip() if word.startswith("$") else word


def _unwrapped(command: list[str]) -> list[str]:
    """`sh -c "curl …"` is the command in it."""
    if len(command) >= 3 and command[0].rsplit("/", 1)[-1] in ("sh", "bash") and command[1] == "-c":
        return shlex.split(command[2].split("|", 1)[0])
    return command


def _environment(container: ContainerRuntime, runtime: PodRuntime, names: list[str]) -> Output:
    values = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOSTNAME": runtime.name, **container.environment}
    if not names:
        return Output("".join(f"{key}={value}\n" for key, value in values.items()))
    known = [values[name] for name in names if name in values]
    return Output("".join(f"{value}\n" for value in known), "", 0 if len(known) == len(names) else 1)


def _resolve(simulation: Simulation, runtime: PodRuntime, host: str) -> Output:
    found = PodNetwork(simulation.world, runtime.namespace, runtime.name).connect(host, 1)
    if isinstance(found, Unreached) and found.code in ("ENOTFOUND", "EAI_AGAIN"):
        why = "NXDOMAIN" if found.code == "ENOTFOUND" else "SERVFAIL"
        return Output(
            "Server:\t\t172.30.0.10\nAddress:\t172.30.0.10:53\n\n", f"** server can't find {host}: {why}\n", 1
        )
    return Output(f"Server:\t\t172.30.0.10\nAddress:\t172.30.0.10:53\n\nName:\t{host}\nAddress: {found.address}\n")


def _fetch(simulation: Simulation, runtime: PodRuntime, program: str, arguments: list[str]) -> Output:
    url = next((word for word in reversed(arguments) if not word.startswith("-")), "")
    parts = urlsplit(url if "//" in url else f"http://{url}")
    host, port = parts.hostname or "", parts.port or 80
    found = PodNetwork(simulation.world, runtime.namespace, runtime.name).connect(host, port)
    if isinstance(found, Unreached):
        return Output("", *_failure(program, found))
    asked = ProcessRequest(parts.path or "/", simulation.now(), runtime.address, found.target_port)
    reply = found.program.answer(asked)
    if reply is None:
        return Output("", "curl: (28) Operation timed out after 10001 milliseconds with 0 bytes received\n", 28)
    return Output(reply.body.decode(), *_outcome(program, arguments, reply))


def _failure(program: str, failure: Unreached) -> tuple[str, int]:
    if program == "wget":
        return f"wget: can't connect to remote host ({failure.address or failure.host}): {failure.code}\n", 1
    if failure.code in ("ENOTFOUND", "EAI_AGAIN"):
        return f"curl: (6) Could not resolve host: {failure.host}\n", 6
    if failure.code == "ETIMEDOUT":
        return f"curl: (28) Failed to connect to {failure.host} port {failure.port}: Connection timed out\n", 28
    return (
        f"curl: (7) Failed to connect to {failure.host} port {failure.port} after 1 ms: Couldn't connect to server\n",
        7,
    )


def _outcome(program: str, arguments: list[str], reply: ProcessReply) -> tuple[str, int]:
    fails = program == "wget" or any(word in ("-f", "--fail", "-fsS", "-sf") for word in arguments)
    if reply.status >= 400 and fails:
        return f"curl: (22) The requested URL returned error: {reply.status}\n", 22
    return "", 0
