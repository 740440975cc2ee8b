"""Makes messages of Jupyter out of what ranks said: see fold.py. Pure."""

import json

from .fold import Item
from .rank_names import rank_names

#: The most pictures, tables and the like of one cell; the others are shown as text.
MOST_RICH = 16
TEXT = "text/plain"


def item_of(msg_type, content):
    """The item that an output message of a rank is, or None where it shows nothing."""
    if msg_type == "error":
        key = json.dumps([content["ename"], content["evalue"], content["traceback"]])
        return Item("error", key, content)
    if msg_type in ("display_data", "execute_result"):
        kind = "result" if msg_type == "execute_result" else "display"
        return Item(kind, json.dumps(content["data"], sort_keys=True, default=str), content)
    return None


class Renderer:
    """The outputs of one cell. `execution_count`: the cell's number in the notebook."""

    def __init__(self, execution_count):
        self._count = execution_count
        self._rich = 0

    def messages(self, shown):
        """[(msg_type, content)] for what Fold.take gives; lines that follow each other are one message."""
        messages = []
        for ranks, item in shown:
            for msg_type, content in self._of(rank_names(ranks), item):
                last = messages[-1] if messages else (None, None)
                if msg_type == last[0] == "stream" and content["name"] == last[1]["name"]:
                    last[1]["text"] += content["text"]
                else:
                    messages.append((msg_type, content))
        return messages

    def _of(self, names, item):
        if item.kind in ("stdout", "stderr"):
            return [("stream", {"name": item.kind, "text": f"{names} {item.content}\n"})]
        if item.kind == "error":
            return [("error", with_names(names, item.content))]
        return self._output(names, item)

    def _output(self, names, item):
        data = dict(item.content["data"])
        metadata = item.content.get("metadata", {})
        is_rich = set(data) != {TEXT}
        self._rich += is_rich
        if not is_rich or self._rich > MOST_RICH:
            text = str(data.get(TEXT, "an output without text"))
            separator = "\n" if "\n" in text else " "
            return [self._bundle(item.kind, {TEXT: f"{names}{separator}{text}"}, {})]
        label = ("stream", {"name": "stdout", "text": f"{names}\n"})
        return [label, self._bundle(item.kind, data, metadata)]

    def _bundle(self, kind, data, metadata):
        content = {"data": data, "metadata": metadata}
        if kind == "display":
            return "display_data", {**content, "transient": {}}
        return "execute_result", {**content, "execution_count": self._count}


def with_names(names, error):
    """An error's content that says which ranks it is of."""
    first, *rest = error["traceback"] or [f"{error['ename']}: {error['evalue']}"]
    return {
        "ename": error["ename"],
        "evalue": f"{names} {error['evalue']}",
        "traceback": [f"{names}\n{first}", *rest],
    }
