"""The kernel's connection to its ranks: ipyparallel's client, whose outputs go to the kernel as they come and are not kept."""

import ipyparallel
from ipyparallel.client.client import unpack_message

SHOWN = ("stream", "display_data", "execute_result", "error")


class RankClient(ipyparallel.Client):
    """`said`: a queue that gets (id of the request, msg_type, content), in a thread of the client's."""

    def __init__(self, connection_file, said):
        self.said = said
        super().__init__(connection_file, timeout=10)

    def _stop_scheduling_tasks(self):
        """Without numbers in a row, as while ranks register, it would close a socket that its own thread polls."""

    def _dispatch_iopub(self, parts):
        self._output(parts)

    @unpack_message
    def _output(self, msg):
        msg_type, content = msg["header"]["msg_type"], msg["content"]
        msg_id = msg["parent_header"].get("msg_id")
        if msg_type in SHOWN:
            self.said.put((msg_id, msg_type, content))
        elif msg_type == "status" and content["execution_state"] == "idle":
            # It comes after all outputs.
            future = self._output_futures.get(msg_id)
            if future is not None and not future.done():
                future.set_result(None)

    def forget(self):
        """Forgets what is over: else each cell of a kernel's life would be kept."""
        if not self.outstanding:
            self.purge_local_results("all")
            self.history.clear()
            self.session.digest_history.clear()


class RankCell:
    """One cell that runs on ranks."""

    def __init__(self, client, code, ranks):
        view = client.direct_view(list(ranks))
        result = view.execute(code, silent=False, block=False)
        self._futures = dict(zip(ranks, result._children, strict=True))
        self._ranks = dict(zip(result.msg_ids, ranks, strict=True))

    def rank_of(self, request):
        """Whose the answers to a request are; None: not this cell's."""
        return self._ranks.get(request)

    def running(self):
        """The ranks that have not ended it, or whose outputs are still under way."""
        return [rank for rank, future in self._futures.items() if not (future.done() and future.output.done())]
