"""Holds the cluster for a kernel: a sign of life every BEAT_SECONDS, until it is let go."""

import threading

from .agent import AgentRefusal

BEAT_SECONDS = 5.0


class Hold:
    """A cluster that the agent has given to a kernel. `on_release(reason)` is called once, from another thread, when it has to go.
    `is_lost()` is asked while no cell runs: whether there are no ranks any more. The cluster is let go then."""

    def __init__(self, agent, kernel_id, on_release, is_lost, beat_seconds=BEAT_SECONDS):
        self._agent = agent
        self._id = kernel_id
        self._on_release = on_release
        self._is_lost = is_lost
        self._beat_seconds = beat_seconds
        self._working = False
        self._wake = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._beat, name="beats", daemon=True)

    def start(self):
        self._thread.start()

    def working(self, is_working):
        """A cell begins or ends: the agent hears it at once."""
        self._working = is_working
        self._wake.set()

    def let_go(self):
        """Ends the hold. May be called twice. An agent that does not answer lets it go by itself, after some silence."""
        if self._over:
            return
        self._over = True
        self._wake.set()
        try:
            self._agent.let_go(self._id)
        except (OSError, AgentRefusal):
            pass

    def _beat(self):
        while not self._over:
            # A cell that runs then says so itself, and lets go.
            if not self._working and self._is_lost():
                self.let_go()
                return
            reason = self._beat_once()
            if reason is not None and not self._over:
                self._on_release(reason)
                return
            self._wake.wait(self._beat_seconds)
            self._wake.clear()

    def _beat_once(self):
        """Why the cluster has to go, or None. An agent that is silent may be restarting: the ranks run on."""
        try:
            return self._agent.beat(self._id, self._working)["release"]
        except AgentRefusal as refusal:
            return self._ask_again() if refusal.status == 404 else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _ask_again(self):
        """An agent that was restarted, or that heard nothing for long, knows the kernel no more."""
        try:
            self._agent.ask(self._id)
            return None
        except AgentRefusal as refusal:
            return str(refusal)
        except OSError:
            return None
