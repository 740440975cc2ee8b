"""What ranks say alike is shown once: fold.py, rank_names.py, render.py."""

import unittest

from muster_kernels.fold import GRACE_SECONDS, MOST_WAITING, PARTIAL_SECONDS, Fold
from muster_kernels.rank_names import rank_names, ranks_in_words
from muster_kernels.render import MOST_RICH, Renderer, item_of

RANKS = range(4)
LATER = GRACE_SECONDS["stdout"] + 0.01


def lines(shown):
    return [f"{rank_names(ranks)} {item.content}" for ranks, item in shown]


def text_of(messages):
    return "".join(content["text"] for _type, content in messages)


def result(data):
    return item_of("execute_result", {"data": data, "metadata": {}})


class RankNames(unittest.TestCase):
    def test_ranks_in_a_row_are_a_range(self):
        for ranks, names in [((0,), "[0]"), ((0, 1), "[0-1]"), ((5, 0, 1, 2), "[0-2,5]"), ((1, 3, 5), "[1,3,5]")]:
            self.assertEqual(rank_names(ranks), names)

    def test_in_a_sentence(self):
        self.assertEqual((ranks_in_words([3]), ranks_in_words([0, 1])), ("rank 3", "ranks 0-1"))


class FoldedLines(unittest.TestCase):
    def setUp(self):
        self.fold = Fold(RANKS)

    def say(self, text, ranks=RANKS, now=0.0, stream="stdout"):
        for rank in ranks:
            self.fold.text(rank, stream, text.format(rank=rank), now)

    def test_what_all_say_is_shown_once_and_at_once(self):
        self.say("hello\n")
        self.assertEqual(lines(self.fold.take(0.0, RANKS)), ["[0-3] hello"])
        self.assertEqual(self.fold.take(9.0, RANKS, True), [])

    def test_what_some_say_waits_for_the_others(self):
        self.say("hello\n", [0, 2])
        self.assertEqual(self.fold.take(0.1, RANKS), [])
        self.say("hello\n", [1, 3], 0.1)
        self.assertEqual(lines(self.fold.take(0.1, RANKS)), ["[0-3] hello"])

    def test_but_not_for_long(self):
        self.say("hello\n", [0, 2])
        self.assertEqual(lines(self.fold.take(LATER, RANKS)), ["[0,2] hello"])

    def test_nor_for_ranks_that_have_ended(self):
        self.say("hello\n", [0, 2])
        self.assertEqual(lines(self.fold.take(0.0, [2])), ["[0,2] hello"])

    def test_lines_of_one_rank_stay_together_and_in_order(self):
        self.say("a{rank}\nb{rank}\n", [0, 1])
        self.assertEqual(lines(self.fold.take(0, [], True)), ["[0] a0", "[0] b0", "[1] a1", "[1] b1"])

    def test_common_lines_after_different_ones_are_folded(self):
        self.say("start\nrank {rank}\ndone\n", [0, 1, 2])
        expected = ["[0-2] start", "[0] rank 0", "[1] rank 1", "[2] rank 2", "[0-2] done"]
        self.assertEqual(lines(self.fold.take(0, [], True)), expected)

    def test_ranks_that_repeat_each_other_in_another_order_end_too(self):
        self.say("a\nb\n", [0])
        self.say("b\na\n", [1])
        shown = lines(self.fold.take(0, [], True))
        self.assertEqual(sum(len(line.split()[0].strip("[]").split("-")) for line in shown), 4)

    def test_pieces_of_a_line_are_put_together(self):
        self.say("hel", now=0.0)
        self.assertEqual(self.fold.take(0.5, RANKS), [])
        self.say("lo\nwor", now=0.5)
        self.assertEqual(lines(self.fold.take(0.5, RANKS)), ["[0-3] hello"])
        self.assertEqual(lines(self.fold.take(0.5, [], True)), ["[0-3] wor"])

    def test_a_line_that_is_not_ended_is_shown_after_a_while(self):
        self.say(".", now=0.0)
        self.assertEqual(lines(self.fold.take(PARTIAL_SECONDS, RANKS)), ["[0-3] ."])

    def test_a_carriage_return_begins_the_line_anew(self):
        self.say("10 %\r50 %\r100 %\r\n")
        self.assertEqual(lines(self.fold.take(0, RANKS)), ["[0-3] 100 %"])

    def test_streams_are_not_mixed(self):
        self.say("x\n", [0, 1])
        self.say("x\n", [2, 3], stream="stderr")
        shown = self.fold.take(0, [], True)
        self.assertEqual([(ranks, item.kind) for ranks, item in shown], [((0, 1), "stdout"), ((2, 3), "stderr")])

    def test_a_flood_is_shown_without_a_wait(self):
        self.say("x\n" * (MOST_WAITING + 2), [0])
        self.assertEqual(len(self.fold.take(0, RANKS)), 2)

    def test_a_result_waits_longer_for_the_others_than_a_line_and_not_for_ever(self):
        self.fold.output(0, result({"text/plain": "1"}), 0)
        self.assertEqual(self.fold.take(LATER, RANKS), [])
        self.assertEqual(len(self.fold.take(GRACE_SECONDS["result"], RANKS)), 1)

    def test_an_output_comes_after_what_was_printed_before_it(self):
        self.say("no end", [0])
        self.fold.output(0, result({"text/plain": "1"}), 0)
        self.assertEqual([item.kind for _ranks, item in self.fold.take(0, [], True)], ["stdout", "result"])


class Rendered(unittest.TestCase):
    def messages(self, shown):
        return Renderer(7).messages(shown)

    def of_all(self, item):
        return self.messages([((0, 1), item)])

    def test_lines_that_follow_each_other_are_one_message(self):
        fold = Fold(RANKS)
        for rank in RANKS:
            fold.text(rank, "stdout", f"a\nb{rank}\n", 0)
        messages = self.messages(fold.take(0, [], True))
        self.assertEqual(len(messages), 1)
        self.assertEqual(text_of(messages), "[0-3] a\n[0] b0\n[1] b1\n[2] b2\n[3] b3\n")

    def test_a_result_has_the_cells_number_and_the_ranks(self):
        ((msg_type, content),) = self.of_all(result({"text/plain": "42"}))
        self.assertEqual((msg_type, content["execution_count"]), ("execute_result", 7))
        self.assertEqual(content["data"], {"text/plain": "[0-1] 42"})

    def test_a_result_of_several_lines_begins_below_the_ranks(self):
        ((_type, content),) = self.of_all(result({"text/plain": "a\nb"}))
        self.assertEqual(content["data"]["text/plain"], "[0-1]\na\nb")

    def test_a_picture_is_shown_as_it_is_after_the_ranks(self):
        data = {"text/plain": "<Figure>", "image/png": "AAAA"}
        label, (msg_type, content) = self.of_all(item_of("display_data", {"data": data, "metadata": {"w": 1}}))
        self.assertEqual(label[1]["text"], "[0-1]\n")
        self.assertEqual((msg_type, content["data"], content["metadata"]), ("display_data", data, {"w": 1}))

    def test_of_many_pictures_the_last_are_text(self):
        shown = [((rank,), result({"text/plain": f"T{rank}", "text/html": "<p>"})) for rank in range(MOST_RICH + 1)]
        self.assertEqual(self.messages(shown)[-1][1]["data"], {"text/plain": f"[{MOST_RICH}] T{MOST_RICH}"})

    def test_an_error_says_of_which_ranks_it_is(self):
        error = {"ename": "ValueError", "evalue": "no", "traceback": ["---", "line 1"]}
        ((msg_type, content),) = self.of_all(item_of("error", error))
        self.assertEqual((msg_type, content["ename"], content["evalue"]), ("error", "ValueError", "[0-1] no"))
        self.assertEqual(content["traceback"], ["[0-1]\n---", "line 1"])

    def test_errors_that_differ_are_not_folded(self):
        fold = Fold(RANKS)
        for rank in RANKS:
            content = {"ename": "E", "evalue": str(rank % 2), "traceback": []}
            fold.output(rank, item_of("error", content), 0)
        self.assertEqual([ranks for ranks, _item in fold.take(0, [], True)], [(0, 2), (1, 3)])

    def test_what_shows_nothing_is_no_item(self):
        self.assertIsNone(item_of("status", {"execution_state": "idle"}))


if __name__ == "__main__":
    unittest.main()
