import type { AttemptId, LogDelivery } from "../jobs/ports.js";
import { createShipment, type Shipment, type ShipmentDeps } from "./shipment.js";

/** A shipment, and the end of the call under way. */
interface Line {
  readonly shipment: Shipment;
  last: Promise<unknown>;
}

/** The deliveries of this node, while it is head: a shipment for each attempt that it has records of. */
export function createLogDelivery(deps: ShipmentDeps): LogDelivery {
  const lines = new Map<string, Line>();
  const keyOf = ({ jobId, attempt }: AttemptId) => `${jobId}/${attempt}`;

  /** Calls for one attempt wait for each other. */
  function inTurn<T>(
    of: AttemptId,
    signal: AbortSignal,
    call: (shipment: Shipment) => Promise<T>,
  ): Promise<T> {
    const line = lines.get(keyOf(of)) ?? { shipment: createShipment(of, deps), last: Promise.resolve() };
    lines.set(keyOf(of), line);
    const turn = line.last.then(() => {
      signal.throwIfAborted();
      return call(line.shipment);
    });
    line.last = turn.catch(() => undefined);
    return turn;
  }

  return {
    prefixOf: deps.bucket.prefixOf,
    ship: (of, signal) => inTurn(of, signal, (shipment) => shipment.ship(signal)),
    deliver: ({ exitCode, ...of }, signal) =>
      inTurn(of, signal, (shipment) => shipment.complete(exitCode, signal)),
    forget: (of) => void lines.delete(keyOf(of)),
    forgetAll: () => lines.clear(),
  };
}
