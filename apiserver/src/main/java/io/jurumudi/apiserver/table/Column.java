package io.jurumudi.apiserver.table;

/**
 * A column of a printed table.
 *
 * @param type of OpenAPI: string, integer, boolean, date
 * @param format "name" for the column that names the object, else empty
 * @param priority 0 is always shown, 1 only in wide output
 */
public record Column(String name, String type, String format, int priority) {
  public static Column named() {
    return new Column("Name", "string", "name", 0);
  }

  public static Column of(String name) {
    return new Column(name, "string", "", 0);
  }

  public static Column number(String name) {
    return new Column(name, "integer", "", 0);
  }

  public static Column flag(String name) {
    return new Column(name, "boolean", "", 0);
  }

  public static Column wide(String name) {
    return new Column(name, "string", "", 1);
  }

  public static Column age() {
    return of("Age");
  }
}
