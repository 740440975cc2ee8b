"""Speaks with the agent of the notebook's node, over its unix socket: agent/contract/notebook-mpi.ts says what."""

import http.client
import json
import os
import socket

SOCKET = "/run/muster-notebook/agent.sock"
KERNELS_PATH = "/v1/notebook/mpi-kernels"
TIMEOUT_SECONDS = 10.0
MOST_BYTES = 4_000_000


class AgentRefusal(Exception):
    """The agent has said no; the text says why, and what to do."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Agent:
    """The agent's routes for MPI kernels. Each call raises AgentRefusal, or OSError where the agent does not answer in time."""

    def __init__(self, path=None):
        self._path = path or os.environ.get("MUSTER_NOTEBOOK_SOCKET", SOCKET)

    def ask(self, kernel_id):
        """Asks for the cluster: the MpiKernelPlace. May be asked again by the same kernel."""
        return self._call("POST", KERNELS_PATH, {"id": kernel_id})

    def beat(self, kernel_id, is_working):
        """A sign of life: the MpiKernelTerm."""
        return self._call("POST", f"{KERNELS_PATH}/{kernel_id}", {"working": is_working})

    def let_go(self, kernel_id):
        """The kernel has let the cluster go."""
        self._call("DELETE", f"{KERNELS_PATH}/{kernel_id}", None)

    def _call(self, method, path, body):
        connection = _Connection(self._path)
        try:
            payload = None if body is None else json.dumps(body)
            headers = {} if body is None else {"content-type": "application/json"}
            connection.request(method, path, payload, headers)
            reply = connection.getresponse()
            text = reply.read(MOST_BYTES).decode("utf-8", "replace")
        except http.client.HTTPException as error:
            raise OSError(f"the agent's answer is no HTTP ({error!r})") from error
        finally:
            connection.close()
        if reply.status >= 400:
            raise AgentRefusal(reply.status, _said(reply.status, text))
        return json.loads(text) if text else None


def _said(status, text):
    """The agent's own words: message and next step."""
    try:
        error = json.loads(text)["error"]
        return " ".join(str(error[part]) for part in ("message", "hint") if error.get(part))
    except (ValueError, KeyError, TypeError):
        return f"the agent answers {status}: {text[:500]}"
