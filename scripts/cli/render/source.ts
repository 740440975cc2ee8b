import { withoutSecrets } from "../../../agent/contract/git-place.js";
import type { JobItem } from "../../../agent/contract/registry.js";

/** Where a job's files come from, and which version runs; null: they travel in the job. Pure. */
export function renderSource({
  request,
  sourceVersion,
}: Pick<JobItem, "request" | "sourceVersion">): string | null {
  const { git, s3, shared, bundle } = request.source ?? {};
  if (shared !== undefined) return shared.path;
  if (bundle !== undefined) return `a packed folder, SHA-256 ${bundle.sha256}`;
  const place = git === undefined ? s3?.uri : withoutSecrets(git.url);
  if (place === undefined) return null;
  const reference = git?.reference === undefined ? "" : `, ${git.reference}`;
  return `${place}${reference}${sourceVersion === null ? "" : `, version ${sourceVersion}`}`;
}
