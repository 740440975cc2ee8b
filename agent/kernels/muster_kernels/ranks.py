"""The ranks of one MPI kernel, from their start to their end. Used by one thread, but for their end: that may come from any."""

import asyncio
import queue
import threading
import time

from . import ends, rank
from .client import RankCell, RankClient
from .folder import KernelFolder
from .launch import start_controller, start_ranks
from .start_failed import StartFailed

#: All ranks must be there in this time; it is long, since a kernel that starts says how far it is, and can be interrupted.
START_SECONDS = 60.0
START_SECONDS_FOR_EACH = 0.5
LOOK_SECONDS = 0.1
PROGRESS_SECONDS = 1.0


class Ranks:
    """`place`: the agent's MpiKernelPlace. `loss`: why there are no ranks any more, for people; None while all is well."""

    def __init__(self, place, kernel_id):
        self.place = place
        self.loss = None
        self._folder = KernelFolder(kernel_id)
        self._said = queue.SimpleQueue()
        self._controller = self._mpiexec = self._client = None
        self._places = {}
        self._ended = False

    async def start(self, say, is_cancelled):
        """Starts all and waits for them. `say(text)`: progress, for people. Raises StartFailed."""
        try:
            await self._start(say, is_cancelled)
        except StartFailed:
            self.end()
            raise
        except Exception as error:
            self.end()
            raise StartFailed(f"the ranks can't be started: {error!r}") from error
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    async def _start(self, say, is_cancelled):
        wanted = self.place["ranks"]
        until = time.monotonic() + START_SECONDS + wanted * START_SECONDS_FOR_EACH
        self._controller = start_controller(self._folder, self.place["address"])
        files = [self._folder.file("security", f"ipcontroller-{role}.json") for role in ("client", "engine")]
        said_at = time.monotonic()

        async def wait(is_there, what):
            nonlocal said_at
            while not is_there():
                self._check_start(until, is_cancelled, what())
                await asyncio.sleep(LOOK_SECONDS)
                if time.monotonic() - said_at >= PROGRESS_SECONDS:
                    said_at = time.monotonic()
                    say(what())

        await wait(lambda: all(map(_is_whole, files)), lambda: "the controller of the ranks starts")
        self._mpiexec = start_ranks(self._folder, self.place)
        self._client = RankClient(files[0], self._said)
        await wait(lambda: len(self._client.ids) >= wanted, lambda: f"{len(self._client.ids)} of {wanted} ranks are there")
        await self._learn_places(wait)

    async def _learn_places(self, wait):
        results = self._client.direct_view(list(self._client.ids)).apply_async(rank.place)
        await wait(results.ready, lambda: "the ranks say who they are")
        wanted = self.place["ranks"]
        said = results.get()
        if [(one[0], one[1]) for one in said] != [(number, wanted) for number in range(wanted)]:
            raise StartFailed(f"the ranks are not one MPI world of {wanted}: they say {said!r}")
        addresses = [node["address"] for node in self.place["nodes"] for _ in range(node["cores"])]
        self._places = {one[0]: (one[2], addresses[one[0]], one[3]) for one in said}
        self._client.forget()

    def _check_start(self, until, is_cancelled, what):
        if is_cancelled():
            raise StartFailed("the start was interrupted")
        for name, program in (("mpiexec", self._mpiexec), ("the controller of the ranks", self._controller)):
            if program is not None and (status := program.status()) is not None:
                said = " / ".join(line for line in program.lines()[-10:] if line.strip())
                raise StartFailed(f"{name} has ended with status {status} while {what}: {said or 'it says nothing'}")
        if time.monotonic() >= until:
            raise StartFailed(f"not all ranks were ready in time: {what}")

    @property
    def numbers(self):
        return list(range(self.place["ranks"]))

    def hosts(self):
        """The host names of the ranks' nodes."""
        return sorted({place[2] for place in self._places.values()})

    def run(self, code, count):
        """Starts a cell on all ranks, as In[count]."""
        self._client.direct_view(self.numbers).apply_async(rank.count, count)
        return RankCell(self._client, code, self.numbers)

    def said(self):
        """What ranks have said since it was last asked: [(request, msg_type, content)]; the cell knows whose each request is."""
        said = []
        while not self._said.empty():
            said.append(self._said.get())
        return said

    def forget(self):
        self._client.forget()

    def interrupt(self, ranks):
        """Has Python on these ranks raise KeyboardInterrupt, once it runs Python."""
        present = [number for number in ranks if number in self._client.ids]
        if present:
            self._client.send_signal("SIGINT", targets=present, block=False)

    async def ask_first(self, function, *args, seconds=2.0):
        """What `function` says on rank 0; None where it says nothing in time."""
        result = self._client[0].apply_async(function, *args)
        until = time.monotonic() + seconds
        while not result.ready() and time.monotonic() < until and self.loss is None:
            await asyncio.sleep(0.01)
        return result.get() if result.ready() and result.successful() else None

    def _watch(self):
        while self.loss is None and not self._ended:
            self.loss = self._lost()
            time.sleep(LOOK_SECONDS)

    def _lost(self):
        status, lines = self._mpiexec.status(), self._mpiexec.lines()
        # A rank says of itself that it has ended; mpiexec may be long in coming to its own end.
        if ends.dead_ranks(lines) or status is not None:
            return ends.ended(status, lines, self._places)
        if self._controller.status() is not None:
            return "the controller of the ranks has ended"
        missing = set(self.numbers) - set(self._client.ids)
        return ends.silent(missing, self._places) if missing else None

    def give_up(self, reason):
        """Ends the ranks, because of `reason`."""
        self.loss = self.loss or reason
        self.end()

    def end(self):
        """Ends all of it, in some seconds at most. May be called twice."""
        self._ended = True
        if self._client is not None:
            self._client.close()
        for program in (self._mpiexec, self._controller):
            if program is not None:
                program.end()
        self._folder.remove()


def _is_whole(path):
    """Whether a JSON file is written to its end."""
    try:
        with open(path, "rb") as file:
            return file.read().rstrip().endswith(b"}")
    except OSError:
        return False
