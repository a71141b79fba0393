package io.jurumudi.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What the log store asks of a directory. The seam where tests pull the plug: {@link DirectoryDisk}
 * is a real directory, the fault tests have one that forgets what was not synced.
 */
interface Disk extends AutoCloseable {
  /** The names of all files, in no order. */
  List<String> list() throws IOException;

  /** Makes a new empty file; it must not exist. */
  File create(String name) throws IOException;

  File open(String name) throws IOException;

  void delete(String name) throws IOException;

  /** Replaces {@code to} atomically. */
  void rename(String from, String to) throws IOException;

  /** Makes creations, deletions and renames last. */
  void syncDirectory() throws IOException;

  /** Lets go of the directory. */
  @Override
  void close() throws IOException;

  /** An open file. */
  interface File extends AutoCloseable {
    long size() throws IOException;

    /** Reads until the buffer is full or the file ends; returns the number of bytes. */
    int read(ByteBuffer into, long position) throws IOException;

    /** Writes all of the buffer; after an exception any part of it may have been written. */
    void write(ByteBuffer from, long position) throws IOException;

    void truncate(long size) throws IOException;

    /** Makes the content last. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
  }
}
