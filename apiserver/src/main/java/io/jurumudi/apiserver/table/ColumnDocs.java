package io.jurumudi.apiserver.table;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.schema.Field;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the columns of the built-in resources' tables mean: mostly what the documentation says of
 * the field that they show. Which field that is stands in columns.tsv. Thread-safe; texts are kept
 * once they were asked for.
 */
public final class ColumnDocs {
  private static final String ANY = "*";

  private final Map<String, String> references = load();
  private final Map<String, String> texts = new ConcurrentHashMap<>();

  /**
   * @param resource as in "deployments.apps"
   * @return empty when nothing is known of the column
   */
  String of(String resource, String column) {
    String reference = references.get(resource + "\t" + column);
    if (reference == null) {
      reference = references.getOrDefault(ANY + "\t" + column, "");
    }
    return reference.indexOf('#') < 0
        ? reference
        : texts.computeIfAbsent(reference, ColumnDocs::documentation);
  }

  private static String documentation(String reference) {
    int hash = reference.indexOf('#');
    return Schemas.byName(reference.substring(0, hash))
        .map(schema -> schema.field(reference.substring(hash + 1)))
        .map(Field::description)
        .orElse("");
  }

  private static Map<String, String> load() {
    try (InputStream in =
        Objects.requireNonNull(ColumnDocs.class.getResourceAsStream("columns.tsv"))) {
      Map<String, String> references = new HashMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .forEach(parts -> references.put(parts[0] + "\t" + parts[1], parts[2]));
      return references;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
