import { connect, Server } from "node:net";
import { joinSockets } from "../../lan/relay.js";

// Runs inside the instance's network namespace. Its parent listens outside of it, and sends the listening socket with the port of the
// instance's loopback to connect to. Ends with its parent.

process.once("disconnect", () => process.exit(0));
process.once("message", (port, server) => {
  if (!(server instanceof Server)) throw new Error("the parent has sent no listening socket");
  server.on("connection", (outer) => joinSockets(outer, connect(Number(port), "127.0.0.1")));
  process.send?.("ready");
});
