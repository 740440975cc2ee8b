"""Makes the emulator answer about as soon as AWS would. Python imports this at its start: start.ts names its folder in PYTHONPATH.

moto copies a whole table before each transaction, to undo it by, sorts a whole table for each query, and looks for ten names in each attribute of an answer. With
some hundred items in the table each takes as long as the launch of a job, on the processors that the nodes share. Here a transaction remembers the items that it
names, a query looks at those of its key, and an attribute is taken as it is. Answers are the same.

moto also changes an item one attribute after the other, in a thread for each request, so a reader could see half of an update. DynamoDB shows all of it or none, and
so does this.

For each request it also lists its own folders to find the service, reads an update's expression letter by letter, and writes a line, which the gateway's log has
already. Here the first two are remembered, and only failures get a line.
"""

import copy
import inspect
import threading
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

# Of which what follows is known to be right: another one stays as it is.
KNOWN_VERSION = "5.2.1"


def install():
    from moto import backends
    from moto.core.serialize import JSONSerializer
    from moto.dynamodb import models
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.parsing.tokens import ExpressionTokenizer
    from werkzeug.serving import WSGIRequestHandler

    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    ExpressionTokenizer.make_list = remembered_list(ExpressionTokenizer.make_list)
    WSGIRequestHandler.log_request = of_failures(WSGIRequestHandler.log_request)
    models.copy = CopyButTables(Table)
    models.DynamoDBBackend.transact_write_items = undoing(models.DynamoDBBackend.transact_write_items)
    Table.query = narrowed(Table.query)
    one_at_a_time(models.DynamoDBBackend)
    JSONSerializer._serialize_type_structure = taken(JSONSerializer._serialize_type_structure, DynamoType)


#: Expressions that are remembered. The agents send the same few.
MOST_EXPRESSIONS = 500


def remembered_list(make_list):
    tokens_of = lru_cache(MOST_EXPRESSIONS)(make_list)
    # The parser takes its own list, and changes no token.
    return lambda expression: list(tokens_of(expression))


def of_failures(log_request):
    def log_request_of_failures(self, code="-", size="-"):
        if str(code).startswith("5"):
            log_request(self, code, size)

    return log_request_of_failures


class CopyButTables:
    """Stands for the module `copy`, where a transaction copies its tables and nothing else does."""

    def __init__(self, table):
        self.table = table

    def __getattr__(self, name):
        return getattr(copy, name)

    def deepcopy(self, value, memo=None):
        return value if isinstance(value, self.table) else copy.deepcopy(value, memo)


def undoing(transact):
    def transact_write_items(self, transact_items):
        before = [found for each in transact_items for found in items_before(self, each)]
        try:
            return transact(self, transact_items)
        except BaseException:
            for table, hash_key, range_key, item in before:
                put_back(table, hash_key, range_key, item)
            raise

    return transact_write_items


def items_before(backend, operation):
    """The item that an operation of a transaction names, as it is; nothing where the operation will be refused as invalid."""
    for wanted in operation.values():
        table = backend.tables.get(wanted.get("TableName"))
        try:
            hash_key, range_key = backend.get_keys_value(table, wanted.get("Key") or wanted["Item"])
            yield table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))
        except Exception:
            return


def put_back(table, hash_key, range_key, item):
    items, key = (table.items, hash_key) if range_key is None else (table.items[hash_key], range_key)
    if item is None:
        items.pop(key, None)
    else:
        items[key] = item


def narrowed(query):
    signature = inspect.signature(query)

    def query_narrowed(self, *given, **named):
        asked = signature.bind(self, *given, **named).arguments
        hash_key, index_name = asked["hash_key"], asked.get("index_name")
        if self.range_key_attr is None:
            items = self.all_items()
        elif index_name is None:
            items = list(self.items[hash_key].values()) if hash_key in self.items else []
        else:
            items = [item for of_key in list(self.items.values()) for item in list(of_key.values())]
            for name, value in asked.get("hash_key_conditions") or []:
                items = [item for item in items if item.attrs.get(name) is not None and item.attrs[name] == value]
            items.sort(key=lambda item: (item.hash_key, item.range_key))
        view = copy.copy(self)
        view.all_items = lambda: items
        return query(view, *given, **named)

    return query_narrowed


def one_at_a_time(backend):
    lock = threading.RLock()

    def locked(call, shown=lambda found: found):
        def call_alone(*given, **named):
            with lock:
                return shown(call(*given, **named))

        return call_alone

    for name in ("put_item", "update_item", "delete_item", "query", "scan", "transact_write_items"):
        setattr(backend, name, locked(getattr(backend, name)))
    # The table's own item is put into the answer later.
    backend.get_item = locked(backend.get_item, copy.deepcopy)


class Unusual(Exception):
    """Not one of the attributes that `plain` knows."""


def taken(serialize, dynamo_type):
    def plain(value):
        if isinstance(value, dynamo_type):
            kind, content = value.type, value.value
        elif isinstance(value, dict) and len(value) == 1:
            [(kind, content)] = value.items()
        else:
            raise Unusual
        if kind == "M":
            return {kind: {name: plain(each) for name, each in content.items()}}
        if kind == "L":
            return {kind: [plain(each) for each in content]}
        if kind in ("S", "N", "BOOL", "NULL"):
            return {kind: content}
        raise Unusual

    def serialize_structure(self, serialized, value, shape, key):
        if shape.name == "AttributeValue" and key:
            try:
                return self._default_serialize(serialized, plain(value), shape, key)
            except Unusual:
                pass
        return serialize(self, serialized, value, shape, key)

    return serialize_structure


try:
    if version("moto") == KNOWN_VERSION:
        install()
except PackageNotFoundError:
    pass
