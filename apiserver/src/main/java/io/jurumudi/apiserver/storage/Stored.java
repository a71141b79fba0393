package io.jurumudi.apiserver.storage;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.ProtoObjectWriter;
import io.jurumudi.machinery.codec.Json;
import org.jspecify.annotations.Nullable;

/**
 * One version of an object as the store has it, shared by every reader and watcher together with
 * its encodings, each made when first asked for. The object carries its resourceVersion.
 *
 * <p>Thread-safe: two threads that encode at once make the same bytes, and either's are kept.
 */
public final class Stored<T extends KubernetesObject<T>> {
  private final String key;
  private final T object;
  private final long revision;
  private volatile byte @Nullable [] json;
  private volatile byte @Nullable [] proto;

  /**
   * @param revision 0 for an object that is made when asked for
   */
  public Stored(String key, T object, long revision) {
    this.key = key;
    String version = revision == 0 ? "" : Long.toString(revision);
    this.object =
        object.metadata().resourceVersion().equals(version)
            ? object
            : object.withMetadata(object.metadata().toBuilder().resourceVersion(version).build());
    this.revision = revision;
  }

  public String key() {
    return key;
  }

  public T object() {
    return object;
  }

  /** The revision of its last change. */
  public long revision() {
    return revision;
  }

  /** The same object as of another revision: how a deletion shows what was deleted. */
  public Stored<T> at(long other) {
    return new Stored<>(key, object, other);
  }

  /** In JSON with kind and apiVersion, without a line's end. Shared: not to be written to. */
  public byte[] json() {
    byte[] bytes = json;
    if (bytes == null) {
      bytes = Json.write(object);
      json = bytes;
    }
    return bytes;
  }

  /** In protobuf, without an envelope. Shared: not to be written to. */
  public byte[] proto() {
    byte[] bytes = proto;
    if (bytes == null) {
      bytes = ProtoObjectWriter.write(object);
      proto = bytes;
    }
    return bytes;
  }
}
