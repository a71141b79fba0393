package io.jurumudi.runtime.image;

import io.jurumudi.runtime.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names a blob: media type, digest and size in bytes (OCI image specification, descriptor). */
public record Descriptor(String mediaType, Digest digest, long size) {
  public static Descriptor read(Map<String, Object> tree) {
    return new Descriptor(
        Json.string(tree, "mediaType"),
        Digest.parse(Json.string(tree, "digest")),
        Json.number(tree, "size"));
  }

  public Map<String, Object> tree() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("mediaType", mediaType);
    m.put("digest", digest.toString());
    m.put("size", size);
    return m;
  }
}
