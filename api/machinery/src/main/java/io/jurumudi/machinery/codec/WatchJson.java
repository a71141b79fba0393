package io.jurumudi.machinery.codec;

import io.jurumudi.api.schema.DecodeException;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Takes a watch event's JSON apart without reading the object in it. */
final class WatchJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private WatchJson() {}

  static WatchFrames.Frame read(byte[] line) {
    String type = "";
    byte[] object = {};
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new DecodeException("a watch event is a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("type") && value == JsonToken.VALUE_STRING) {
          type = parser.getString();
        } else if (name.equals("object")) {
          int from = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          int to = (int) parser.currentLocation().getByteOffset();
          object = Arrays.copyOfRange(line, from, to);
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw new DecodeException("invalid JSON in a watch event: " + e.getOriginalMessage(), e);
    }
    return new WatchFrames.Frame(type, object);
  }
}
