/** This node's identity, from the instance metadata service. */
export interface NodeIdentity {
  readonly instanceId: string;
  /** Private IPv4. */
  readonly address: string;
  /** Public IPv4; null: it has none. */
  readonly publicAddress: string | null;
  /** As `hostname` prints it on the node. */
  readonly hostname: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  readonly imageId: string;
}
