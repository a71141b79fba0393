package io.jurumudi.apiserver.table;

import io.jurumudi.api.schema.KubernetesObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A kind's table.
 *
 * @param row the cells of an object, one a column: String, Long, Integer or Boolean
 */
public record Columns<T>(List<Column> columns, Row<T> row) {
  /** Makes an object's cells. */
  @FunctionalInterface
  public interface Row<T> {
    /**
     * @param now the present, for ages
     */
    List<Object> cells(T object, Instant now);
  }

  public static <T> Columns<T> of(Row<T> row, Column... columns) {
    return new Columns<>(List.of(columns), row);
  }

  /**
   * Name and age, and between them what the kind has of its own.
   *
   * @param cells those between
   */
  public static <T extends KubernetesObject<T>> Columns<T> framed(
      Function<T, List<Object>> cells, Column... between) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.named());
    columns.addAll(List.of(between));
    columns.add(Column.age());
    return new Columns<>(
        List.copyOf(columns),
        (object, now) -> {
          List<Object> row = new ArrayList<>(columns.size());
          row.add(object.metadata().name());
          row.addAll(cells.apply(object));
          row.add(Cells.age(object, now));
          return row;
        });
  }

  /** Name and time of creation: what is shown for a kind without columns of its own. */
  public static <T extends KubernetesObject<T>> Columns<T> plain() {
    return of(
        (object, now) ->
            List.of(
                object.metadata().name(),
                object.metadata().creationTimestamp() == null
                    ? ""
                    : object.metadata().creationTimestamp().toString()),
        Column.named(),
        new Column("Created At", "date", "", 0));
  }

  /** Name and age. */
  public static <T extends KubernetesObject<T>> Columns<T> nameAndAge() {
    return of(
        (object, now) -> List.of(object.metadata().name(), Cells.age(object, now)),
        Column.named(),
        Column.age());
  }
}
