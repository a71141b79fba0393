package io.jurumudi.apiserver.table;

import io.jurumudi.api.Schemas;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What tables' columns are about. Most show a field, and say what its documentation says; which
 * field is a fact of upstream's k8s.io/kubernetes pkg/printers/internalversion.
 */
final class ColumnDocs {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#";
  private static final String AGE = META + "creationTimestamp";
  private static final Map<String, String> EVERYWHERE =
      Map.of("Name", META + "name", "Age", AGE, "Created At", AGE);

  /** Where a column's text stands, by "resource\tcolumn". */
  private static final Map<String, String> SOURCES = read();

  /** Texts by their source: constants, looked up once. */
  private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();

  private ColumnDocs() {}

  /**
   * The description of a resource's column, "" where there is none.
   *
   * @param resource as in "deployments.apps"
   */
  static String of(String resource, String column) {
    String source = SOURCES.get(resource + "\t" + column);
    if (source == null) {
      source = EVERYWHERE.getOrDefault(column, "");
    }
    return TEXTS.computeIfAbsent(source, ColumnDocs::text);
  }

  private static String text(String source) {
    int hash = source.indexOf('#');
    if (hash < 0) {
      return source;
    }
    return Schemas.byName(source.substring(0, hash))
        .map(schema -> schema.descriptions().getOrDefault(source.substring(hash + 1), ""))
        .orElse("");
  }

  private static Map<String, String> read() {
    Map<String, String> sources = new HashMap<>();
    try (InputStream in = ColumnDocs.class.getResourceAsStream("columns.tsv")) {
      if (in == null) {
        throw new IllegalStateException("columns.tsv is not on the class path");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(
              line -> {
                int tab = line.lastIndexOf('\t');
                sources.put(line.substring(0, tab), line.substring(tab + 1));
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(sources);
  }
}
