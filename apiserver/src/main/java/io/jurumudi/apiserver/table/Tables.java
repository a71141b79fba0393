package io.jurumudi.apiserver.table;

import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.meta.v1.PartialObjectMetadata;
import io.jurumudi.api.meta.v1.Table;
import io.jurumudi.api.meta.v1.TableColumnDefinition;
import io.jurumudi.api.meta.v1.TableRow;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.util.RawJson;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.machinery.codec.Json;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Makes tables of objects. */
public final class Tables {
  private Tables() {}

  /** What of an object goes with its row: the query parameter includeObject. */
  public enum Include {
    NONE,
    METADATA,
    OBJECT;

    public static Include of(String text) {
      return switch (text) {
        case "", "Metadata" -> METADATA;
        case "None" -> NONE;
        case "Object" -> OBJECT;
        default ->
            throw ApiException.badRequest("unrecognized includeObject value: \"" + text + "\"");
      };
    }
  }

  /**
   * @param docs what the columns mean
   * @param withColumns a watch's later events leave the columns out
   */
  public static <T extends KubernetesObject<T>> Table table(
      Resource<T> resource,
      List<T> objects,
      ListMeta metadata,
      Include include,
      Instant now,
      boolean withColumns,
      ColumnDocs docs) {
    Columns<T> columns = resource.columns();
    List<TableRow> rows = new ArrayList<>(objects.size());
    for (T object : objects) {
      TableRow.Builder row =
          TableRow.builder()
              .cells(columns.row().cells(object, now).stream().map(RawJson::ofTree).toList());
      switch (include) {
        case METADATA ->
            row.object(
                RawJson.of(
                    Json.write(
                        PartialObjectMetadata.builder().metadata(object.metadata()).build())));
        case OBJECT -> row.object(RawJson.of(Json.write(object)));
        case NONE -> {}
      }
      rows.add(row.build());
    }
    List<TableColumnDefinition> definitions =
        withColumns
            ? columns.columns().stream()
                .map(column -> definition(column, docs.of(resource.qualifiedName(), column.name())))
                .toList()
            : List.of();
    return Table.builder().metadata(metadata).columnDefinitions(definitions).rows(rows).build();
  }

  private static TableColumnDefinition definition(Column column, String description) {
    return TableColumnDefinition.builder()
        .name(column.name())
        .type(column.type())
        .format(column.format())
        .description(description)
        .priority(column.priority())
        .build();
  }
}
