"""The MPI kernel as Jupyter sees it: cells go to the ranks, but those that begin with %%here."""

import asyncio
import re
import signal
import uuid
from contextlib import contextmanager

from ipykernel.ipkernel import IPythonKernel

from . import rank
from .agent import Agent
from .ranks import Ranks
from .session import Interrupts, MpiSession

#: Cells that run on the notebook's node: those marked so, and pip's, since all nodes share the home.
_HERE = re.compile(r"\s*%%here[ \t]*(?:\n|$)")
_PIP = re.compile(r"\s*[%!](?:pip|conda|mamba|uv)\b")


def local_code(code):
    """What is to run on the notebook's node; None: the cell is the ranks'."""
    match = _HERE.match(code)
    if match:
        return code[match.end() :]
    return code if _PIP.match(code) or not code.strip() else None


def kernel_id_of(connection_file):
    """Jupyter's id of the kernel, the same after a restart; a new one where the file's name has none."""
    match = re.search(r"kernel-([0-9a-f-]{36})\.json$", connection_file or "")
    return match[1] if match else str(uuid.uuid4())


class MpiKernel(IPythonKernel):
    implementation = "muster-mpi"
    banner = "Each cell runs on all ranks of the cluster. %%here as a cell's first line: on the notebook's node alone."

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        connection_file = getattr(self.parent, "connection_file", "")
        self._progress_id = None
        self._session = MpiSession(kernel_id_of(connection_file), Agent(), self._show, self._progress, Ranks)

    def _show(self, msg_type, content):
        self.send_response(self.iopub_socket, msg_type, content)

    def _progress(self, text):
        msg_type = "update_display_data" if self._progress_id else "display_data"
        self._progress_id = self._progress_id or str(uuid.uuid4())
        data = {"text/plain": text}
        self._show(msg_type, {"data": data, "metadata": {}, "transient": {"display_id": self._progress_id}})

    async def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **more):
        local = code if silent else local_code(code)
        if local is not None:
            return await super().do_execute(local, silent, store_history, user_expressions, allow_stdin, **more)
        count = self.shell.execution_count
        self._progress_id = None
        if store_history:
            self.shell.history_manager.store_inputs(count, code)
        try:
            with _interrupts() as interrupts:
                error = await self._session.run(code, count, interrupts)
        finally:
            if store_history:
                self.shell.execution_count = count + 1
        reply = {"status": "ok"} if error is None else {"status": "error", **error}
        return {**reply, "execution_count": count, "user_expressions": {}, "payload": []}

    async def do_complete(self, code, cursor_pos):
        if local_code(code) is None:
            found = await self._session.ask_first(rank.complete, code, cursor_pos)
            if found is not None:
                return found
        return super().do_complete(code, cursor_pos)

    async def do_inspect(self, code, cursor_pos, detail_level=0, omit_sections=()):
        if local_code(code) is None:
            found = await self._session.ask_first(rank.inspect, code, cursor_pos, detail_level)
            if found is not None:
                return found
        return super().do_inspect(code, cursor_pos, detail_level, omit_sections)

    async def do_shutdown(self, restart):
        await asyncio.get_running_loop().run_in_executor(None, self._session.end)
        return super().do_shutdown(restart)


@contextmanager
def _interrupts():
    """Counts SIGINTs, which else would end the kernel's own wait."""
    interrupts = Interrupts()
    before = signal.signal(signal.SIGINT, interrupts.add)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
