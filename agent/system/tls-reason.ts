/** What Node.js calls the ways in which a server's certificate does not count, by OpenSSL's names of them. */
const REASONS: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID:
    "its certificate is not valid yet by this node's clock: one of the two clocks is wrong by more than a day (chronyc tracking)",
  CERT_HAS_EXPIRED:
    "its certificate is not valid any more by this node's clock: one of the two clocks is wrong by days (chronyc tracking)",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is another address's: another node answers there",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not of this cluster's authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not of this cluster's authority",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not of this cluster's authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not of this cluster's authority",
  CERT_SIGNATURE_FAILURE: "its certificate is not of this cluster's authority",
};

/** The error in words, with its code, where it says that a certificate does not count; else null. */
export function tlsReason(error: unknown): Error | null {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason === undefined
    ? null
    : Object.assign(new Error(`${reason} (${code})`, { cause: error }), { code });
}
