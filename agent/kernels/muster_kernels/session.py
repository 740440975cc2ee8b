"""Runs cells on the ranks of a cluster, and starts the ranks with the first: what an MPI kernel does, without Jupyter's messages."""

import asyncio
import time

from .agent import AgentRefusal
from .ends import RESTART
from .fold import Fold
from .hold import Hold
from .rank_names import ranks_in_words
from .render import Renderer, item_of
from .start_failed import StartFailed

LOOK_SECONDS = 0.02
#: After an interrupt, ranks that have not ended the cell by then can't be interrupted.
DEAF_SECONDS = 2.0
#: When one rank has failed and others still run after so long, people hear that they may wait for it.
STUCK_SECONDS = 3.0


class Interrupts:
    """How often the kernel was interrupted during a cell."""

    def __init__(self):
        self.count = 0

    def add(self, *_signal):
        self.count += 1


class MpiSession:
    """`show(msg_type, content)` sends an output of the cell that runs; `progress(text)` replaces the last progress; `make_ranks(place,
    kernel_id)` gives Ranks that are not started."""

    def __init__(self, kernel_id, agent, show, progress, make_ranks):
        self._id = kernel_id
        self._agent = agent
        self._show = show
        self._progress = progress
        self._make_ranks = make_ranks
        self._ranks = self._hold = None

    async def run(self, code, count, interrupts):
        """Runs a cell. Gives the error's content, which was shown, or None."""
        if self._ranks is None:
            failure = await self._start(interrupts)
            if failure is not None:
                return failure
        if self._ranks.loss is None:
            self._hold.working(True)
            try:
                error = await self._run(code, count, interrupts)
            except Exception:
                # Their end, in another thread, is no error of the kernel's.
                if self._ranks.loss is None:
                    raise
            finally:
                self._hold.working(False)
            if self._ranks.loss is None:
                return error
        return self._lost()

    async def _start(self, interrupts):
        began = time.monotonic()
        try:
            place = self._agent.ask(self._id)
        except AgentRefusal as refusal:
            return self._fail("ClusterNotAvailable", str(refusal))
        except OSError as error:
            return self._fail("ClusterNotAvailable", f"this node's agent does not answer: {error}. Try again.")
        ranks = None
        hold = Hold(
            self._agent,
            self._id,
            lambda reason: ranks is not None and ranks.give_up(reason),
            lambda: ranks is not None and _are_lost(ranks),
        )
        title = f"{place['ranks']} ranks on {len(place['nodes'])} nodes of {place['cluster']}"
        self._progress(f"Starting {title} ...")
        try:
            ranks = self._make_ranks(place, self._id)
            hold.start()
            hold.working(True)
            await ranks.start(lambda what: self._progress(f"Starting {title}: {what} ..."), lambda: interrupts.count > 0)
        except (StartFailed, OSError) as error:
            hold.let_go()
            return self._fail("RanksNotStarted", f"{error}. Run the cell again to try again.")
        self._ranks, self._hold = ranks, hold
        minutes = place["idleMinutes"]
        self._progress(
            f"{title} are ready after {time.monotonic() - began:.1f} s. "
            f"They hold the cluster until they had no cell for {minutes} min."
        )
        return None

    async def _run(self, code, count, interrupts):
        ranks = self._ranks
        cell = ranks.run(code, count)
        view = _View(ranks, cell, Renderer(count), self._show)
        patience = _Patience(ranks, self._show)
        while ranks.loss is None:
            running = cell.running()
            view.show(running)
            if not running:
                ranks.forget()
                return view.error
            patience.look(running, interrupts.count, view.failed)
            await asyncio.sleep(LOOK_SECONDS)
        view.show([])
        return None

    def _lost(self):
        reason = self._ranks.loss
        failure = self._fail("RanksLost", f"There are no ranks any more: {reason}. Their variables are lost. {RESTART}")
        self._ranks.end()
        self._hold.let_go()
        return failure

    def _fail(self, name, text):
        error = {"ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
        self._show("error", error)
        return error

    async def ask_first(self, function, *args):
        """What rank 0 says, while no cell runs; None where there are no ranks, or it does not say."""
        if self._ranks is None or self._ranks.loss is not None:
            return None
        return await self._ranks.ask_first(function, *args)

    def end(self):
        """The kernel ends: so do its ranks, and the cell that runs. May be called twice, and from any thread."""
        if self._ranks is not None:
            self._ranks.give_up("the kernel was ended")
            self._hold.let_go()


def _are_lost(ranks):
    """Whether ranks were lost while no cell ran; what is left of them is ended."""
    if ranks.loss is None:
        return False
    ranks.end()
    return True


class _View:
    """Shows what the ranks of one cell say."""

    def __init__(self, ranks, cell, renderer, show):
        self._ranks = ranks
        self._cell = cell
        self._renderer = renderer
        self._send = show
        self._fold = Fold(ranks.numbers)
        #: The first error that was shown.
        self.error = None
        self.failed = set()

    def show(self, running):
        now = time.monotonic()
        for request, msg_type, content in self._ranks.said():
            rank = self._cell.rank_of(request)
            if rank is None:
                continue
            if msg_type == "stream":
                self._fold.text(rank, content["name"], content["text"], now)
            elif (item := item_of(msg_type, content)) is not None:
                self._fold.output(rank, item, now)
                if item.kind == "error":
                    self.failed.add(rank)
        for msg_type, content in self._renderer.messages(self._fold.take(now, running, not running)):
            if msg_type == "error":
                self.error = self.error or content
            self._send(msg_type, content)


class _Patience:
    """Passes interrupts on, and says where ranks do not end."""

    def __init__(self, ranks, show):
        self._ranks = ranks
        self._show = show
        self._interrupts = 0
        self._interrupted_at = self._failed_at = None
        self._said = set()

    def look(self, running, interrupts, failed):
        now = time.monotonic()
        if interrupts > self._interrupts:
            self._interrupt(running, now)
            self._interrupts = interrupts
        if self._interrupted_at is not None and now - self._interrupted_at >= DEAF_SECONDS:
            self._say(
                "deaf",
                f"{ranks_in_words(running)} can't be interrupted now: they are in a call that is not Python's, and may wait in MPI for "
                "another rank. Interrupt again to end all ranks.",
            )
        waiting = set(running) - failed
        self._failed_at = None if not failed else self._failed_at or now
        if waiting and self._failed_at is not None and now - self._failed_at >= STUCK_SECONDS:
            self._say(
                "stuck",
                f"{ranks_in_words(failed)} failed, and {ranks_in_words(waiting)} still run. "
                "Interrupt the kernel if they wait for what failed.",
            )

    def _interrupt(self, running, now):
        if "deaf" in self._said:
            self._ranks.give_up(f"{ranks_in_words(running)} could not be interrupted, and all were ended at the second interrupt")
        else:
            self._ranks.interrupt(running)
            self._interrupted_at = self._interrupted_at or now

    def _say(self, what, text):
        if what not in self._said:
            self._said.add(what)
            self._show("stream", {"name": "stderr", "text": f"muster: {text}\n"})
