"""Looks at and unpacks a job's source, as the job user: `source.py unpack (tar | zip) FOLDER BYTES FILES <ARCHIVE`, or
`source.py check FOLDER BYTES FILES`.

Nothing in an archive is trusted: only plain files and folders come out of it, only below FOLDER, each name once, and no more
than BYTES and FILES in all. Of a file's mode only "may be executed" is kept. What is wrong is one line on standard error:
`muster-source CODE SENTENCE`.
"""

import bz2
import errno
import gzip
import lzma
import os
import resource
import stat
import sys
import tarfile
import zipfile
import zlib

MEMORY_BYTES = 2**30
CHUNK_BYTES = 2**20
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
LFS_POINTER_BYTES = 1024


def fail(code, sentence):
    print(f"muster-source {code} {sentence}", file=sys.stderr)
    sys.exit(1)


def shown(name):
    return ascii(name[:100])


def fail_for_name(name, error):
    """Raises the error again where it is not the name's fault."""
    if error.errno == errno.ENAMETOOLONG:
        fail("source-unusable", f"the archive holds {shown(name)}..., a name that is too long")
    if error.errno == errno.EISDIR:
        fail("source-unusable", f"the archive holds {shown(name)} as a file, which is a folder")
    raise error


class Budget:
    """What the source may still have."""

    def __init__(self, max_bytes, max_files):
        self.max_bytes, self.max_files = max_bytes, max_files
        self.bytes = self.files = 0

    def entry(self):
        self.files += 1
        if self.files > self.max_files:
            fail("source-too-large", f"it has more than {self.max_files} files and folders")

    def take(self, count):
        self.bytes += count
        if self.bytes > self.max_bytes:
            fail("source-too-large", f"it has more than {self.max_bytes} bytes")


class Unpacked:
    """The files that have come out of an archive so far."""

    def __init__(self, top, budget):
        self.top, self.budget = top, budget
        self.folders = {""}

    def inner(self, name):
        """The name without `.` and empty steps; "": the top itself."""
        steps = [step for step in name.split("/") if step not in ("", ".")]
        if name.startswith("/") or ".." in steps or "\\" in name or "\0" in name:
            fail("source-unusable", f"the archive holds {shown(name)}, which would be outside of the job's folder")
        return "/".join(steps)

    def folder(self, inner):
        """Makes the folder, and those above it."""
        missing = []
        while inner not in self.folders:
            missing.append(inner)
            inner = inner.rpartition("/")[0]
        for each in reversed(missing):
            self.budget.entry()
            self.folders.add(each)
            try:
                os.mkdir(os.path.join(self.top, each), 0o755)
            except FileExistsError:
                fail("source-unusable", f"the archive holds {shown(each)} twice, once as a file")
            except OSError as error:
                fail_for_name(each, error)

    def file(self, name, is_program, source):
        inner = self.inner(name)
        self.folder(inner.rpartition("/")[0])
        self.budget.entry()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            fd = os.open(os.path.join(self.top, inner), flags, 0o755 if is_program else 0o644)
        except FileExistsError:
            fail("source-unusable", f"the archive holds {shown(name)} twice")
        except OSError as error:
            fail_for_name(name, error)
        with open(fd, "wb") as target:
            copy(source, target, self.budget)


def copy(source, target, budget):
    while chunk := source.read(CHUNK_BYTES):
        budget.take(len(chunk))
        target.write(chunk)


class Prefixed:
    """A stream whose first bytes were read to see what it is."""

    def __init__(self, head, stream):
        self.head, self.stream = head, stream

    def read(self, size=-1):
        if not self.head:
            return self.stream.read(size)
        chunk, self.head = (self.head, b"") if size < 0 else (self.head[:size], self.head[size:])
        return chunk


def decompressed(stream):
    """What a tar file's first bytes say of its compression. These readers check sums and ends, as tarfile's own do not."""
    head = stream.read(max(map(len, COMPRESSIONS)))
    whole = Prefixed(head, stream)
    for magic, read in COMPRESSIONS.items():
        if head.startswith(magic):
            return read(whole)
    return whole


COMPRESSIONS = {b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file), b"BZh": bz2.BZ2File, b"\xfd7zXZ\x00": lzma.LZMAFile}


class Entry(tarfile.TarInfo):
    """Notes in its archive that the mark of its end was there: tarfile takes an archive that just stops for a whole one."""

    @classmethod
    def fromtarfile(cls, archive):
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:
            archive.has_end = True
            raise


def unpack_tar(unpacked):
    stream = decompressed(sys.stdin.buffer)
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=Entry) as archive:
        for member in archive:
            if member.isdir():
                unpacked.folder(unpacked.inner(member.name))
            elif member.isreg():
                unpacked.file(member.name, member.mode & 0o100, archive.extractfile(member))
            else:
                fail("source-unusable", f"the archive holds {shown(member.name)}, which is no plain file or folder, but a link or a device")
            # It would keep all of them.
            archive.members = []
        if not getattr(archive, "has_end", False):
            raise EOFError("it stops before its end")
    # The sum of a compressed file is behind its last byte. What follows the archive in it is bounded too.
    rest = Budget(unpacked.budget.max_bytes, 1)
    while chunk := stream.read(CHUNK_BYTES):
        rest.take(len(chunk))
    # To the end: who sends it looks at every byte.
    while sys.stdin.buffer.read(CHUNK_BYTES):
        pass


def unpack_zip(unpacked):
    # Its list of files is at its end.
    path = os.path.join(unpacked.top, ".muster-archive")
    with open(path, "x+b") as copied:
        os.unlink(path)
        copy(sys.stdin.buffer, copied, Budget(unpacked.budget.max_bytes, 1))
        with zipfile.ZipFile(copied) as archive:
            for member in archive.infolist():
                mode = member.external_attr >> 16
                if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                    fail("source-unusable", f"the archive holds {shown(member.filename)}, which is no plain file or folder, but a link or a device")
                if member.flag_bits & 1:
                    fail("source-unusable", f"the archive holds {shown(member.filename)}, which is encrypted")
                if member.is_dir():
                    unpacked.folder(unpacked.inner(member.filename))
                else:
                    with archive.open(member) as source:
                        unpacked.file(member.filename, mode & 0o100, source)


def unpack(kind, top, budget):
    # Headers can ask for any amount of it.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    unpacked = Unpacked(top, budget)
    try:
        (unpack_tar if kind == "tar" else unpack_zip)(unpacked)
    except MemoryError:
        fail("source-too-large", "its headers take too much memory")
    except DAMAGE as error:
        fail_damaged(error)
    except OSError as error:
        # Of bz2, which has no error of its own; any other is the system's.
        if error.errno is not None:
            raise
        fail_damaged(error)


DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError)


def fail_damaged(error):
    fail("source-unusable", f"the archive is damaged, or of another kind than its name says ({error})")


def check(top, budget):
    """Refuses what a checkout may hold and a job's source may not: links that lead out of it, and pointers in the place of files."""
    real_top = os.path.realpath(top)
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            inner = os.path.relpath(path, top)
            budget.entry()
            found = os.lstat(path)
            if stat.S_ISLNK(found.st_mode):
                if not (os.path.realpath(path) + "/").startswith(real_top + "/"):
                    fail("source-unusable", f"{shown(inner)} is a link that leads out of the source")
            elif stat.S_ISREG(found.st_mode):
                budget.take(found.st_size)
                if found.st_size < LFS_POINTER_BYTES and is_pointer(path):
                    fail("source-unusable", f"{shown(inner)} is a Git LFS pointer, not the file itself: Git LFS is not supported, so bring the file by another way")


def is_pointer(path):
    with open(path, "rb") as file:
        return file.read(len(LFS_POINTER)) == LFS_POINTER


def main(what, *rest):
    *kinds, top, max_bytes, max_files = rest
    budget = Budget(int(max_bytes), int(max_files))
    if what == "unpack":
        unpack(kinds[0], top, budget)
    else:
        check(top, budget)


main(*sys.argv[1:])
