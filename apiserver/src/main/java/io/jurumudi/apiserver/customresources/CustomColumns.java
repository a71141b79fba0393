package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceColumnDefinition;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.util.RawJson;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.machinery.codec.Trees;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns of a custom kind: its name, and what additionalPrinterColumns say. */
final class CustomColumns {
  private static final RawJson EMPTY = RawJson.of("null");

  private record Source(String type, @Nullable JsonPath path) {}

  private CustomColumns() {}

  static Columns<CustomObject> of(List<CustomResourceColumnDefinition> definitions) {
    if (definitions.isEmpty()) {
      return Columns.nameAndAge();
    }
    List<Column> columns = new ArrayList<>();
    columns.add(Column.named());
    List<Source> sources = new ArrayList<>();
    for (CustomResourceColumnDefinition d : definitions) {
      columns.add(new Column(d.name(), d.type(), d.format(), d.priority()));
      sources.add(new Source(d.type(), path(d.jsonPath())));
    }
    return new Columns<>(columns, (object, now) -> cells(object, sources, now));
  }

  private static @Nullable JsonPath path(String text) {
    try {
      return JsonPath.parse(text);
    } catch (IllegalArgumentException e) {
      return null; // Such a column stays empty.
    }
  }

  private static List<Object> cells(CustomObject object, List<Source> sources, Instant now) {
    Map<String, @Nullable Object> tree = Trees.fromMessage(object);
    List<Object> cells = new ArrayList<>();
    cells.add(object.metadata().name());
    for (Source source : sources) {
      List<@Nullable Object> found = source.path() == null ? List.of() : source.path().find(tree);
      cells.add(found.isEmpty() ? EMPTY : cell(source.type(), found.getFirst(), now));
    }
    return cells;
  }

  private static Object cell(String type, @Nullable Object value, Instant now) {
    if (value == null) {
      return EMPTY;
    }
    return switch (type) {
      case "string" -> text(value);
      case "integer" ->
          switch (value) {
            case Long number -> number;
            case Double number -> number.longValue();
            default -> EMPTY;
          };
      case "number" -> value instanceof Number ? value : EMPTY;
      case "boolean" -> value instanceof Boolean ? value : EMPTY;
      case "date" -> {
        if (!(value instanceof String text)) {
          yield EMPTY;
        }
        try {
          yield Cells.since(OffsetDateTime.parse(text).toInstant(), now);
        } catch (DateTimeException e) {
          yield "<invalid>";
        }
      }
      default -> EMPTY;
    };
  }

  private static String text(Object value) {
    return switch (value) {
      case String text -> text;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e21 ->
          new BigDecimal(number).toBigInteger().toString();
      case Map<?, ?> map -> Trees.toJson(map);
      case List<?> list -> Trees.toJson(list);
      default -> value.toString();
    };
  }
}
