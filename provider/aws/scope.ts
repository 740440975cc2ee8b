import type { DiagnosticError } from "../core/diagnostic.js";

/** Where an adapter works: what all its calls have in common. */
export interface AwsScope {
  readonly org: string;
  readonly region: string;
  readonly signal: AbortSignal;
  /** The error when AWS refuses the credentials: the same for all calls, whichever was refused first. */
  credentialsRefused(refusal: DiagnosticError): DiagnosticError;
}
