package io.jurumudi.apiserver.openapi;

import static io.jurumudi.apiserver.openapi.Components.tree;

import io.jurumudi.machinery.codec.Trees;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of an OpenAPI 2 document that many operations have, told once and referred to by a
 * name that ends with a hash of their text (kube-openapi/pkg/builder/parameters.go). Those that
 * kubectl looks for in each operation stay where they are.
 */
final class SharedParameters {
  private static final String GENERAL = "#/definitions/io.k8s.apimachinery";

  private final Map<String, @Nullable Object> shared = new TreeMap<>();

  /** Takes what is shared out of the paths of a document; returns it by name. */
  static Map<String, @Nullable Object> takeFrom(Map<String, @Nullable Object> paths) {
    SharedParameters parameters = new SharedParameters();
    for (Object item : paths.values()) {
      if (item instanceof Map<?, ?> members) {
        parameters.replace(members);
        members.values().forEach(parameters::replace);
      }
    }
    return parameters.shared;
  }

  @SuppressWarnings("unchecked") // Only lists of trees stand under this name.
  private void replace(@Nullable Object holder) {
    if (holder instanceof Map<?, ?> members && members.get("parameters") instanceof List<?> list) {
      ((List<Object>) list).replaceAll(one -> reference((Map<String, @Nullable Object>) one));
    }
  }

  private Map<String, @Nullable Object> reference(Map<String, @Nullable Object> parameter) {
    String name = parameter.get("name") + "";
    boolean stays =
        switch (name) {
          case "name" -> true;
          case "dryRun", "fieldValidation" -> "query".equals(parameter.get("in"));
          case "body" ->
              !(parameter.get("schema") instanceof Map<?, ?> schema
                  && (schema.get("$ref") + "").startsWith(GENERAL));
          default -> false;
        };
    if (stays) {
      return parameter;
    }
    String key = name + "-" + hash(text(parameter));
    shared.putIfAbsent(key, parameter);
    return tree("$ref", "#/parameters/" + key);
  }

  /** The parameter in JSON, its members in the order in which they were made. */
  private static byte[] text(Map<String, @Nullable Object> parameter) {
    StringJoiner members = new StringJoiner(",", "{", "}");
    parameter.forEach(
        (name, value) ->
            members.add(
                "\"" + name + "\":" + new String(Trees.writeJson(value), StandardCharsets.UTF_8)));
    return members.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The first six bytes of the 64-bit FNV-1 hash, in base 64. */
  private static String hash(byte[] text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text) {
      hash = hash * 0x100000001b3L ^ (b & 0xff);
    }
    byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(hash).array();
    return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(bytes, 6));
  }
}
