import { crc32, deflateRawSync } from "node:zlib";

/** A file to be packed. */
export interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
}

const DEFLATE = 8;
const VERSION_NEEDED = 20;
/** Unix made it, so that the file modes count. */
const VERSION_MADE_BY = (3 << 8) | VERSION_NEEDED;
const NAMES_ARE_UTF8 = 0x0800;
/** 1980-01-01 00:00, the format's first moment: no packing's time is in the bytes. */
const DOS_TIME = 0;
const DOS_DATE = 0x0021;
const REGULAR_FILE = 0o100000;
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL_DIRECTORY = 0x06054b50;

/** A ZIP of the entries in their order; the same entries give the same bytes. Without ZIP64: below 4 GB and 65,535 files. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isExecutable } of entries) {
    const nameBytes = Buffer.from(name);
    const packed = deflateRawSync(content, { level: 9 });
    const shared = Buffer.concat([
      u16(VERSION_NEEDED, NAMES_ARE_UTF8, DEFLATE, DOS_TIME, DOS_DATE),
      u32(crc32(content), packed.length, content.length),
      u16(nameBytes.length, 0),
    ]);
    const local = Buffer.concat([u32(LOCAL_HEADER), shared, nameBytes, packed]);
    const mode = REGULAR_FILE | (isExecutable ? 0o755 : 0o644);
    centrals.push(u32(CENTRAL_HEADER), u16(VERSION_MADE_BY), shared);
    // No comment, first disk, no internal attributes; Unix keeps the mode in the upper half of the external ones.
    centrals.push(u16(0, 0, 0), u32(mode * 0x10000, offset), nameBytes);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = [
    u32(END_OF_CENTRAL_DIRECTORY),
    u16(0, 0, entries.length, entries.length),
    u32(directory.length, offset),
    u16(0),
  ];
  return Buffer.concat([...locals, directory, ...end]);
}

const u16 = (...values: readonly number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: readonly number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
