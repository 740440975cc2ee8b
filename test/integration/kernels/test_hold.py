"""How a kernel holds the cluster, and speaks with the agent: hold.py, agent.py, folder.py, ends.py."""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from muster_kernels import ends
from muster_kernels.agent import Agent, AgentRefusal
from muster_kernels.folder import KERNELS_FOLDER, KernelFolder
from muster_kernels.hold import Hold

STAND_IN = pathlib.Path(__file__).parents[2] / "fixtures/kernels/stand_in.py"
ID = "0a1b2c3d-kernel"
WAIT_SECONDS = 20


def until(condition):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it does not come")
        time.sleep(0.005)


class FakeAgent:
    """Answers each beat with the next of `beats`, and the last for ever."""

    def __init__(self, *beats):
        self.beats = list(beats)
        self.calls = []

    def ask(self, kernel_id):
        self.calls.append(("ask", kernel_id))

    def beat(self, _kernel_id, is_working):
        self.calls.append(("beat", is_working))
        answer = self.beats.pop(0) if len(self.beats) > 1 else self.beats[0]
        if isinstance(answer, Exception):
            raise answer
        return {"releaseAt": None, "release": answer}

    def let_go(self, kernel_id):
        self.calls.append(("let go", kernel_id))
        raise ConnectionRefusedError("the agent restarts")


class Holding(unittest.TestCase):
    is_lost = False

    def hold(self, agent):
        released = []
        hold = Hold(agent, ID, released.append, lambda: self.is_lost, beat_seconds=0.01)
        self.addCleanup(hold.let_go)
        hold.start()
        return hold, released

    def test_the_agent_hears_at_once_that_a_cell_runs(self):
        agent = FakeAgent(None)
        hold = Hold(agent, ID, self.fail, lambda: False, beat_seconds=3600)
        self.addCleanup(hold.let_go)
        hold.start()
        until(lambda: ("beat", False) in agent.calls)
        hold.working(True)
        until(lambda: ("beat", True) in agent.calls)

    def test_it_lets_go_when_the_agent_says_so_and_beats_no_more(self):
        agent = FakeAgent(None, "the notebook is stopped")
        _hold, released = self.hold(agent)
        until(lambda: released)
        beats = len(agent.calls)
        time.sleep(0.05)
        self.assertEqual((released, len(agent.calls)), (["the notebook is stopped"], beats))

    def test_a_silent_agent_ends_nothing(self):
        agent = FakeAgent(ConnectionRefusedError(), TimeoutError(), AgentRefusal(503, "busy"), None)
        _hold, released = self.hold(agent)
        until(lambda: len(agent.calls) > 6)
        self.assertEqual(released, [])

    def test_an_agent_that_knows_the_kernel_no_more_is_asked_again(self):
        agent = FakeAgent(AgentRefusal(404, "unknown"), None)
        _hold, released = self.hold(agent)
        until(lambda: ("ask", ID) in agent.calls)
        self.assertEqual(released, [])

    def test_and_where_it_gives_the_cluster_to_others_the_ranks_go(self):
        agent = FakeAgent(AgentRefusal(404, "unknown"))
        agent.ask = lambda _id: (_ for _ in ()).throw(AgentRefusal(409, "job 7 runs"))
        _hold, released = self.hold(agent)
        until(lambda: released)
        self.assertEqual(released, ["job 7 runs"])

    def test_ranks_that_are_lost_while_no_cell_runs_hold_nothing(self):
        agent = FakeAgent(None)
        hold, released = self.hold(agent)
        until(lambda: agent.calls)
        hold.working(True)
        self.is_lost = True
        time.sleep(0.05)
        self.assertNotIn(("let go", ID), agent.calls)
        hold.working(False)
        until(lambda: ("let go", ID) in agent.calls)
        self.assertEqual((released, agent.calls.count(("let go", ID))), ([], 1))

    def test_letting_go_twice_says_it_once_and_needs_no_answer(self):
        agent = FakeAgent(None)
        hold, _released = self.hold(agent)
        hold.let_go()
        hold.let_go()
        self.assertEqual(agent.calls.count(("let go", ID)), 1)


class TheAgentsSocket(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "agent.sock")
        argv = [sys.executable, str(STAND_IN), self.path, '{"ranks": 4}']
        server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        until(lambda: os.path.exists(self.path))
        self.agent = Agent(self.path)

    def test_asks_beats_and_lets_go(self):
        self.assertEqual(self.agent.ask(ID), {"ranks": 4})
        self.assertEqual(self.agent.beat(ID, True), {"releaseAt": None, "release": None})
        self.assertIsNone(self.agent.let_go(ID))

    def test_a_refusal_is_in_the_agents_words(self):
        pathlib.Path(self.folder.name, "refuse").write_text("The cluster runs job 7.")
        with self.assertRaises(AgentRefusal) as raised:
            self.agent.ask(ID)
        self.assertEqual((raised.exception.status, str(raised.exception)), (409, "The cluster runs job 7. Wait for it."))

    def test_fails_where_nothing_listens(self):
        with self.assertRaises(OSError):
            Agent(os.path.join(self.folder.name, "none")).ask(ID)


class TheKernelsFolder(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = home.name

    def names(self):
        return sorted(os.listdir(os.path.join(self.home, KERNELS_FOLDER)))

    def test_is_for_its_user_alone_and_goes_with_the_kernel(self):
        folder = KernelFolder("one", self.home)
        self.assertEqual(os.stat(folder.path).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(folder.file("security")).st_mode & 0o777, 0o700)
        folder.remove()
        folder.remove()
        self.assertEqual(self.names(), [])

    def test_a_killed_kernels_folder_is_removed_and_a_living_ones_is_not(self):
        code = (
            "import sys, time; from muster_kernels.folder import KernelFolder; "
            "KernelFolder(sys.argv[1], sys.argv[2]); print('made', flush=True); time.sleep(600)"
        )
        kernels = {}
        for name in ("dead", "alive"):
            argv = [sys.executable, "-c", code, name, self.home]
            kernels[name] = kernel = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
            self.addCleanup(kernel.stdout.close)
            self.addCleanup(kernel.wait)
            self.addCleanup(kernel.kill)
            self.assertEqual(kernel.stdout.readline(), "made\n")
        kernels["dead"].kill()
        kernels["dead"].wait()
        self.addCleanup(KernelFolder("new", self.home).remove)
        self.assertEqual(self.names(), ["alive", "new"])

    def test_a_link_in_its_place_is_not_followed(self):
        root = os.path.join(self.home, KERNELS_FOLDER)
        os.makedirs(root)
        os.makedirs(os.path.join(self.home, "kept"))
        os.symlink(os.path.join(self.home, "kept"), os.path.join(root, "old"))
        self.addCleanup(KernelFolder("new", self.home).remove)
        self.assertTrue(os.path.isdir(os.path.join(self.home, "kept")))


class HowRanksEnd(unittest.TestCase):
    PLACES = {0: (10, "10.0.0.1", "ip-1"), 3: (11, "10.0.0.2", "ip-2")}

    def test_the_first_that_ended_is_named_with_its_node(self):
        lines = ["noise", f"{ends.ENDED} 3 137", f"{ends.ENDED} 0 9"]
        reason = ends.ended(9, lines, self.PLACES)
        self.assertIn("rank 3 (on ip-2) was ended by SIGKILL", reason)

    def test_the_rank_that_ended_before_all_were_there_is_named_without_a_node(self):
        self.assertIn("rank 5 has ended with status 1", ends.ended(1, [f"{ends.ENDED} 5 1"], {}))

    def test_else_mpiexecs_own_last_words(self):
        self.assertEqual(
            ends.ended(255, ["=====", "muster: no contact with 10.0.0.2"], self.PLACES),
            "mpiexec has ended with status 255: muster: no contact with 10.0.0.2",
        )

    def test_statuses_in_words(self):
        words = {status: ends.how(status) for status in (0, 3, 139, 255)}
        self.assertEqual(words[3], "has ended with status 3")
        self.assertEqual(words[139], "was ended by SIGSEGV")
        self.assertEqual((words[0], words[255]), ("has ended with status 0", "has ended with status 255"))

    def test_ranks_that_are_silent_are_named_with_their_nodes(self):
        self.assertTrue(ends.silent({0, 3}, self.PLACES).startswith("ranks 0,3 (on ip-1, ip-2) can't be reached"))


if __name__ == "__main__":
    unittest.main()
