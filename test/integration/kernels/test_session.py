"""How a cell runs on ranks, is interrupted, and how ranks end: session.py, with ranks that are no processes."""

import asyncio
import unittest

from muster_kernels import session
from muster_kernels.agent import AgentRefusal
from muster_kernels.session import Interrupts, MpiSession
from muster_kernels.start_failed import StartFailed

PLACE = {
    "cluster": "demo",
    "ranks": 4,
    "nodes": [{"address": "10.0.0.1", "cores": 2}, {"address": "10.0.0.2", "cores": 2}],
    "address": "10.0.0.9",
    "idleMinutes": 30,
}


class FakeAgent:
    def __init__(self, refusal=None):
        self.refusal = refusal
        self.calls = []
        self.release = None

    def ask(self, _kernel_id):
        self.calls.append("ask")
        if self.refusal is not None:
            raise self.refusal
        return PLACE

    def beat(self, _kernel_id, is_working):
        self.calls.append(is_working)
        return {"releaseAt": None, "release": self.release}

    def let_go(self, _kernel_id):
        self.calls.append("let go")


class FakeCell:
    def __init__(self, ranks):
        self.left = list(ranks)

    def rank_of(self, request):
        return request

    def running(self):
        return list(self.left)


class FakeRanks:
    """A cell's code is what happens, step by step, at each look: functions of the ranks and their cell."""

    def __init__(self, failure=None):
        self.numbers = [0, 1, 2, 3]
        self.failure = failure
        self.loss = None
        self.calls = []
        self.saying = []
        self.steps = []
        self.cell = None

    async def start(self, say, is_cancelled):
        say("2 of 4 ranks are there")
        if self.failure is not None:
            raise StartFailed(self.failure)
        if is_cancelled():
            raise StartFailed("the start was interrupted")

    def run(self, steps, count):
        self.calls.append(("run", count))
        self.cell, self.steps = FakeCell(self.numbers), list(steps)
        return self.cell

    def said(self):
        if self.steps:
            self.steps.pop(0)(self)
        said, self.saying = self.saying, []
        return said

    def interrupt(self, ranks):
        self.calls.append(("interrupt", tuple(ranks)))

    def give_up(self, reason):
        self.loss = reason
        self.calls.append("give up")

    def forget(self):
        self.calls.append("forget")

    def end(self):
        self.calls.append("end")


def prints(text, ranks=range(4)):
    return lambda fake: fake.saying.extend((rank, "stream", {"name": "stdout", "text": text}) for rank in ranks)


def fails(rank):
    content = {"ename": "ValueError", "evalue": "no", "traceback": ["tb"]}
    return lambda fake: (fake.saying.append((rank, "error", content)), fake.cell.left.remove(rank))


def ends(fake):
    fake.cell.left.clear()


def nothing(_fake):
    pass


class Session(unittest.TestCase):
    def setUp(self):
        self.shown = []
        self.progress = []
        self.ranks = FakeRanks()
        self.agent = FakeAgent()
        self.interrupts = Interrupts()
        self.made = 0

    def make(self):
        def make_ranks(_place, _id):
            self.made += 1
            return self.ranks

        made = MpiSession("kernel-1", self.agent, lambda *m: self.shown.append(m), self.progress.append, make_ranks)
        self.addCleanup(made.end)
        return made

    def run_cell(self, made, *steps, count=1):
        return asyncio.run(asyncio.wait_for(made.run(steps, count, self.interrupts), 20))

    def text(self, stream="stdout"):
        return "".join(c["text"] for t, c in self.shown if t == "stream" and c["name"] == stream)

    def interrupt(self, _fake):
        self.interrupts.add()

    def test_the_first_cell_starts_the_ranks_and_the_next_does_not(self):
        made = self.make()
        self.assertIsNone(self.run_cell(made, prints("hi\n"), ends))
        self.assertIsNone(self.run_cell(made, prints("ho\n"), ends, count=2))
        self.assertEqual(self.text(), "[0-3] hi\n[0-3] ho\n")
        self.assertEqual((self.made, self.agent.calls.count("ask")), (1, 1))
        self.assertIn("Starting 4 ranks on 2 nodes of demo: 2 of 4 ranks are there ...", self.progress)
        self.assertIn("until they had no cell for 30 min", self.progress[-1])

    def test_a_refused_cluster_is_asked_for_again_by_the_next_cell(self):
        self.agent.refusal = AgentRefusal(409, "The cluster runs job 7. Wait for it.")
        made = self.make()
        self.assertEqual(self.run_cell(made)["evalue"], "The cluster runs job 7. Wait for it.")
        self.agent.refusal = None
        self.assertIsNone(self.run_cell(made, ends))

    def test_a_silent_agent_is_an_error_and_not_the_kernels_end(self):
        self.agent.refusal = FileNotFoundError("no socket")
        self.assertEqual(self.run_cell(self.make())["ename"], "ClusterNotAvailable")

    def test_a_failed_start_lets_the_cluster_go_and_may_be_tried_again(self):
        self.ranks.failure = "rank 3 has ended with status 1"
        made = self.make()
        self.assertIn("rank 3 has ended with status 1", self.run_cell(made)["evalue"])
        self.assertEqual(self.agent.calls[-1], "let go")
        self.ranks.failure = None
        self.assertIsNone(self.run_cell(made, ends))

    def test_a_start_can_be_interrupted(self):
        self.interrupts.add()
        self.assertIn("interrupted", self.run_cell(self.make())["evalue"])

    def test_an_error_of_one_rank_is_the_cells_and_says_whose_it_is(self):
        error = self.run_cell(self.make(), fails(2), ends)
        self.assertEqual((error["ename"], error["evalue"]), ("ValueError", "[2] no"))
        self.assertIn(("error", error), self.shown)

    def test_an_interrupt_goes_to_the_ranks_that_run(self):
        def one_ends(fake):
            fake.cell.left.remove(1)

        self.run_cell(self.make(), one_ends, self.interrupt, nothing, ends)
        self.assertIn(("interrupt", (0, 2, 3)), self.ranks.calls)

    def test_ranks_that_can_not_be_interrupted_are_ended_by_the_second_interrupt(self):
        self.addCleanup(setattr, session, "DEAF_SECONDS", session.DEAF_SECONDS)
        session.DEAF_SECONDS = 0.0
        error = self.run_cell(self.make(), self.interrupt, nothing, nothing, self.interrupt, nothing)
        self.assertIn("Interrupt again to end all ranks", self.text("stderr"))
        self.assertIn("could not be interrupted", error["evalue"])
        self.assertIn("Restart Kernel", error["evalue"])

    def test_a_second_interrupt_that_comes_at_once_ends_nothing(self):
        self.assertIsNone(self.run_cell(self.make(), self.interrupt, self.interrupt, nothing, ends))
        self.assertNotIn("give up", self.ranks.calls)

    def test_ranks_that_wait_for_a_failed_one_are_named(self):
        self.addCleanup(setattr, session, "STUCK_SECONDS", session.STUCK_SECONDS)
        session.STUCK_SECONDS = 0.0
        self.run_cell(self.make(), fails(2), nothing, nothing, ends)
        self.assertIn("rank 2 failed, and ranks 0-1,3 still run", self.text("stderr"))

    def test_lost_ranks_end_the_cell_with_the_reason_after_what_they_said(self):
        def dies(fake):
            fake.loss = "rank 3 (on ip-2) was ended by SIGKILL, and MPI has ended the others"

        made = self.make()
        error = self.run_cell(made, prints("last words", [3]), dies)
        self.assertEqual(error["ename"], "RanksLost")
        self.assertIn("rank 3 (on ip-2) was ended by SIGKILL", error["evalue"])
        self.assertEqual(self.text(), "[3] last words\n")
        self.assertIn("end", self.ranks.calls)
        self.assertEqual(self.agent.calls[-1], "let go")

    def test_after_a_loss_no_cell_runs_and_each_says_why(self):
        made = self.make()
        self.run_cell(made, ends)
        self.ranks.loss = "the cluster was parked"
        for count in (2, 3):
            self.assertIn("the cluster was parked", self.run_cell(made, ends, count=count)["evalue"])
        self.assertEqual([call for call in self.ranks.calls if call[0] == "run"], [("run", 1)])
        self.assertEqual(self.made, 1)

    def test_a_release_by_the_agent_ends_the_ranks(self):
        self.agent.release = "it had no cell for 30 min"
        error = self.run_cell(self.make(), *[nothing] * 2000, ends)
        self.assertIn("it had no cell for 30 min", error["evalue"])

    def test_the_agent_hears_when_a_cell_begins_and_ends(self):
        made = self.make()
        self.run_cell(made, *[nothing] * 20, ends)
        self.assertIn(True, self.agent.calls)

    def test_the_kernels_end_ends_the_cell_that_runs_and_lets_the_cluster_go(self):
        made = self.make()
        error = self.run_cell(made, nothing, lambda _fake: made.end(), nothing)
        self.assertIn("the kernel was ended", error["evalue"])
        self.assertEqual(self.agent.calls.count("let go"), 1)

    def test_what_fails_because_the_ranks_end_is_their_end_and_no_error_of_its_own(self):
        def breaks(fake):
            fake.loss = "the notebook is stopped"
            raise OSError("the connection is closed")

        self.assertIn("the notebook is stopped", self.run_cell(self.make(), breaks)["evalue"])

    def test_an_answer_to_another_cell_is_not_shown(self):
        self.assertIsNone(self.run_cell(self.make(), lambda fake: fake.saying.append((None, "stream", {})), ends))
        self.assertEqual(self.shown, [])


if __name__ == "__main__":
    unittest.main()
