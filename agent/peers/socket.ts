/** A WebSocket between two agents, as far as the peers use it; `ws` has one that fits. */
export interface PeerSocket {
  readonly readyState: number;
  /** The `readyState` in which it takes messages. */
  readonly OPEN: number;
  send(text: string): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Ends the connection at once. */
  terminate(): void;
  on(event: "open", heard: () => void): unknown;
  /** `data` as text is the message. */
  on(event: "message", heard: (data: unknown) => void): unknown;
  on(event: "error", heard: (error: Error) => void): unknown;
  on(event: "close", heard: (code: number, reason: unknown) => void): unknown;
  once(event: "close", heard: () => void): unknown;
}
