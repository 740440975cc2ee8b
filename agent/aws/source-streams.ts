import { createHash } from "node:crypto";
import { once } from "node:events";
import { pipeline, Readable, Transform } from "node:stream";
import { pack } from "tar-stream";
import { SourceError } from "../jobs/ports.js";

/** A file of an archive that is made while it is read. */
interface Entry {
  readonly name: string;
  open(): Promise<{ readonly body: Readable; readonly bytes: number }>;
}

/** The entries as a tar archive, each opened when it is its turn. */
export function packed(entries: readonly Entry[]): Readable {
  const archive = pack();
  const fill = async () => {
    for (const { name, open } of entries) {
      const { body, bytes } = await open();
      // Who reads the archive may leave before its end.
      archive.once("close", () => body.destroy());
      const entry = archive.entry({ name, size: bytes, mode: 0o644, type: "file" });
      for await (const chunk of body) if (!entry.write(chunk)) await once(entry, "drain");
      entry.end(undefined);
    }
    archive.finalize();
  };
  fill().catch((error: Error) => archive.destroy(error));
  // Its own streams are not Node.js's.
  return Readable.from(archive, { objectMode: false });
}

/** The same bytes; it fails at its end where they have another SHA-256. */
export function hashedAs(body: Readable, sha256: string): Readable {
  const hash = createHash("sha256");
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const got = hash.digest("hex");
      if (got === sha256) return done();
      done(
        new SourceError(
          "source-unusable",
          `the packed folder has the SHA-256 ${got}, and should have ${sha256}`,
        ),
      );
    },
  });
  pipeline(body, check, () => undefined);
  return check;
}
