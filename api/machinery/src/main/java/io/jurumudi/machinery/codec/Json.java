package io.jurumudi.machinery.codec;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.JsonObjectReader;
import io.jurumudi.api.schema.JsonObjectWriter;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Objects in JSON. */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** The message as JSON, with apiVersion and kind where its type has them. */
  public static byte[] write(Message<?> message) {
    return JsonObjectWriter.write(message);
  }

  /** The message as JSON under another kind: a type may serve several (Scale, DeleteOptions). */
  public static byte[] write(Message<?> message, GroupVersionKind kind) {
    return JsonObjectWriter.write(message, kind);
  }

  /**
   * Reads a message.
   *
   * @throws DecodeException when the bytes are no JSON, have a wrong type somewhere, or hold
   *     unknown or duplicate fields and the decoding is strict
   */
  public static <M extends Message<M>> Decoded<M> read(
      Schema<M> schema, byte[] json, Decoding decoding) {
    JsonObjectReader.Result<M> result =
        JsonObjectReader.read(schema, json, decoding != Decoding.IGNORE);
    List<String> errors = result.strictErrors();
    if (decoding == Decoding.STRICT && !errors.isEmpty()) {
      throw strict(errors);
    }
    return new Decoded<>(result.message(), kind(result.apiVersion(), result.kind()), errors);
  }

  /** The error of a strict decoding that found unknown or duplicate fields. */
  public static DecodeException strict(List<String> errors) {
    return new DecodeException("strict decoding error: " + String.join(", ", errors));
  }

  private static @Nullable GroupVersionKind kind(String apiVersion, String kind) {
    return apiVersion.isEmpty() || kind.isEmpty() ? null : GroupVersionKind.of(apiVersion, kind);
  }

  /** What the JSON says it is; empty when it is no object that says so. */
  public static Optional<GroupVersionKind> kindOf(byte[] json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      String apiVersion = "";
      String kind = "";
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == JsonToken.VALUE_STRING && name.equals("apiVersion")) {
          apiVersion = parser.getString();
        } else if (value == JsonToken.VALUE_STRING && name.equals("kind")) {
          kind = parser.getString();
        } else {
          parser.skipChildren();
        }
        if (!apiVersion.isEmpty() && !kind.isEmpty()) {
          break;
        }
      }
      return Optional.ofNullable(kind(apiVersion, kind));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
