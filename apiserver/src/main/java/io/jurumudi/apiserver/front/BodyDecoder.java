package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.machinery.codec.Decoded;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.codec.Json;
import io.jurumudi.machinery.codec.MediaTypes;
import io.jurumudi.machinery.codec.Proto;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads request bodies. */
public final class BodyDecoder {
  private static final List<String> UNDERSTOOD =
      List.of(MediaTypes.JSON, MediaTypes.YAML, MediaTypes.PROTOBUF);

  private BodyDecoder() {}

  /**
   * Reads an object.
   *
   * @param schema of what the path expects
   * @param kind the same as a client has to name it
   * @param mediaType without parameters; empty is JSON
   */
  public static <M extends Message<M>> M decode(
      Schema<M> schema,
      GroupVersionKind kind,
      byte[] bytes,
      String mediaType,
      Decoding decoding,
      CallContext caller) {
    return decode(schema, (object, unknown) -> object, kind, bytes, mediaType, decoding, caller);
  }

  /** Takes away what the kind does not know and its schema cannot tell. */
  @FunctionalInterface
  public interface Reception<M> {
    /**
     * @param unknown gets the path of each field that is left out
     */
    M received(M decoded, Consumer<String> unknown);
  }

  /**
   * Reads an object and takes away what it does not know.
   *
   * @param mediaType without parameters; empty is JSON
   */
  public static <M extends Message<M>> M decode(
      Schema<M> schema,
      Reception<M> reception,
      GroupVersionKind kind,
      byte[] bytes,
      String mediaType,
      Decoding decoding,
      CallContext caller) {
    if (bytes.length == 0) {
      throw ApiException.badRequest(
          "the body of the request is empty; it must be a " + kind.kind());
    }
    Decoded<M> decoded;
    M object;
    List<String> found;
    Decoding reading = decoding == Decoding.STRICT ? Decoding.WARN : decoding;
    try {
      decoded =
          switch (mediaType) {
            case "", MediaTypes.JSON -> Json.read(schema, bytes, reading);
            case MediaTypes.YAML -> yaml(schema, bytes, reading);
            case MediaTypes.PROTOBUF -> {
              if (schema.open()) {
                throw ApiException.unsupportedMediaType(List.of(MediaTypes.JSON, MediaTypes.YAML));
              }
              yield Proto.read(schema, bytes);
            }
            default -> throw ApiException.unsupportedMediaType(UNDERSTOOD);
          };
      if (schema.open() && decoded.kind() == null) {
        throw new DecodeException("Object 'Kind' is missing");
      }
      List<String> unknown = new ArrayList<>();
      object = reception.received(decoded.object(), unknown::add);
      unknown.sort(null);
      found = new ArrayList<>(decoded.warnings());
      unknown.forEach(path -> found.add("unknown field \"" + path + "\""));
      if (decoding == Decoding.STRICT && !found.isEmpty()) {
        throw Json.strict(found);
      }
    } catch (DecodeException e) {
      checkKind(mediaType.equals(MediaTypes.JSON) ? Json.kindOf(bytes).orElse(null) : null, kind);
      throw ApiException.badRequest(
          kind.kind()
              + " in version \""
              + kind.version()
              + "\" cannot be handled as a "
              + kind.kind()
              + ": "
              + e.getMessage());
    }
    checkKind(decoded.kind(), kind);
    if (decoding == Decoding.WARN) {
      caller.warn(found);
    }
    return object;
  }

  private static <M extends Message<M>> Decoded<M> yaml(
      Schema<M> schema, byte[] bytes, Decoding decoding) {
    List<String> duplicates = new ArrayList<>();
    byte[] json = Trees.writeJson(Yaml.toTree(bytes, duplicate -> duplicates.add(duplicate)));
    Decoded<M> decoded = Json.read(schema, json, decoding);
    duplicates.addAll(decoded.warnings());
    return new Decoded<>(decoded.object(), decoded.kind(), duplicates);
  }

  private static void checkKind(
      @org.jspecify.annotations.Nullable GroupVersionKind said, GroupVersionKind wanted) {
    if (said == null || said.equals(wanted)) {
      return;
    }
    // Options are of every group; an object of another version or kind is of no use here.
    if (said.kind().equals(wanted.kind()) && wanted.kind().endsWith("Options")) {
      return;
    }
    if (said.kind().equals(wanted.kind())) {
      throw ApiException.badRequest(
          "the API version in the data ("
              + said.apiVersion()
              + ") does not match the expected API version ("
              + wanted.apiVersion()
              + ")");
    }
    throw ApiException.badRequest(
        said.kind()
            + " in version \""
            + said.version()
            + "\" cannot be handled as a "
            + wanted.kind()
            + ": they are different kinds");
  }
}
