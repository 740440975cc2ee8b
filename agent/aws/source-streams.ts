import { createHash } from "node:crypto";
import { once } from "node:events";
import { pipeline, Readable, Transform } from "node:stream";
import { type Pack, pack } from "tar-stream";
import { SourceError } from "../jobs/ports.js";

/** A file of an archive that is made while it is read. */
interface Entry {
  readonly name: string;
  open(): Promise<{ readonly body: Readable; readonly bytes: number }>;
}

/** The entries as a tar archive, each opened when it is its turn. It fails as an entry does, or where one has another size. */
export function packed(entries: readonly Entry[]): Readable {
  const archive = pack();
  const fill = async () => {
    for (const entry of entries) await add(archive, entry);
    archive.finalize();
  };
  fill().catch((error: Error) => archive.destroy(error));
  // Its own streams are not Node.js's.
  return Readable.from(archive, { objectMode: false });
}

async function add(archive: Pack, { name, open }: Entry): Promise<void> {
  const { body, bytes } = await open();
  // Who reads the archive may leave before its end.
  const leave = () => body.destroy();
  archive.once("close", leave);
  try {
    const entry = archive.entry({ name, size: bytes, mode: 0o644, type: "file" });
    // It is destroyed with the archive, and an error that nothing listens to would end the process.
    entry.once("error", (error: Error) => archive.destroy(error));
    for await (const chunk of body) if (!entry.write(chunk)) await once(entry, "drain");
    entry.end(undefined);
  } finally {
    archive.off("close", leave);
    leave();
  }
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
