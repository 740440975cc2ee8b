/** Who this node is, as the instance metadata service says. */
export interface Identity {
  readonly instanceId: string;
  /** Private IPv4. */
  readonly address: string;
  readonly hostname: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  readonly imageId: string;
}
