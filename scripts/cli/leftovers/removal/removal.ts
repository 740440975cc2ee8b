import type { FoundThing } from "../../core/cleanup.js";
import type { Removal } from "../../core/remove-all.js";

/** Removes one thing of a kind: a call that may run again until it is gone. Throws the SDK's errors. */
export type Remove = (thing: FoundThing) => Promise<Removal>;

export const GONE = { is: "gone" } as const satisfies Removal;
export const waiting = (why: string): Removal => ({ is: "waiting", why });

const IS_GONE = /NotFound|NoSuch|InvalidAMIID\.Unavailable|NotFoundException$/;
/** Not of the thing itself, but of a part that went between two calls. */
const IS_BLOCKED =
  /InvalidPermission|NoSuchUpload|InvalidAssociationID|DependencyViolation|InUse|DeleteConflict|BucketNotEmpty|Incorrect\w*State|ResourceContention|ScalingActivityInProgress|Throttl|RequestLimit|TooManyRequests|SlowDown|ServiceUnavailable|InternalError|InternalServerError|InternalFailure|OperationAborted|ConcurrentModification|ConflictException/;

interface SdkError extends Error {
  readonly code?: string;
}

/** What an error of a try means: gone already, or to be tried again; anything else is thrown, in words for a person. */
export async function judged(run: () => Promise<Removal>): Promise<Removal> {
  try {
    return await run();
  } catch (error) {
    const { name, code = "", message } = error as SdkError;
    const said = `${name}: ${message || code || "no message"}`;
    // Some services have no error of their own for it.
    if (IS_BLOCKED.test(name) || /currently in use|has dependen/i.test(message)) return waiting(said);
    if (IS_GONE.test(name)) return GONE;
    throw new Error(said, { cause: error });
  }
}
