import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { joinSockets } from "../../../scripts/local/lan/relay.js";

const listening = async (onSocket: (socket: Socket) => void): Promise<Server> => {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
};
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
};

let node: Server;
let relay: Server;
let onNode: Promise<Socket>;
let client: Socket;

beforeEach(async () => {
  let came: (socket: Socket) => void = () => undefined;
  onNode = new Promise((resolve) => {
    came = resolve;
  });
  node = await listening((socket) => came(socket.on("error", () => undefined)));
  const port = portOf(node);
  relay = await listening((outer) => joinSockets(outer, connect(port, "127.0.0.1")));
  client = connect(portOf(relay), "127.0.0.1");
  client.on("error", () => undefined);
});
afterEach(() => {
  client.destroy();
  relay.close();
  node.close();
});

test("what either side says comes to the other, up to its end", async () => {
  const there = await onNode;
  there.end("all that the node had to say");
  const said: string[] = [];
  for await (const chunk of client) said.push(String(chunk));
  expect(said.join("")).toBe("all that the node had to say");
  await closed(there);
});

test.each(["client", "node"])("the %s's close ends the other's connection", async (side) => {
  const there = await onNode;
  const [first, second] = side === "client" ? [client, there] : [there, client];
  const end = closed(second.resume());
  first.destroy();
  await end;
});

test("a node that takes no connection ends the client's", async () => {
  (await onNode).destroy();
  const port = portOf(relay);
  node.close();
  const refused = connect(port, "127.0.0.1");
  await closed(refused.on("error", () => undefined).resume());
});
