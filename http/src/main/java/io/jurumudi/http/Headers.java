package io.jurumudi.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in order, several of a name allowed. Names compare without case. Lookup is linear:
 * a message has a dozen. Belongs to one thread at a time.
 */
public final class Headers {
  private final List<String> fields = new ArrayList<>();

  public Headers() {}

  /** Names and values in turn. */
  public static Headers of(String... namesAndValues) {
    Headers headers = new Headers();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers;
  }

  public Headers copy() {
    Headers copy = new Headers();
    copy.fields.addAll(fields);
    return copy;
  }

  /** The first value of that name. */
  public @Nullable String get(String name) {
    for (int i = 0; i < fields.size(); i += 2) {
      if (fields.get(i).equalsIgnoreCase(name)) {
        return fields.get(i + 1);
      }
    }
    return null;
  }

  public String get(String name, String otherwise) {
    String value = get(name);
    return value == null ? otherwise : value;
  }

  public List<String> all(String name) {
    List<String> values = new ArrayList<>(2);
    for (int i = 0; i < fields.size(); i += 2) {
      if (fields.get(i).equalsIgnoreCase(name)) {
        values.add(fields.get(i + 1));
      }
    }
    return values;
  }

  /** The comma-separated elements of all values of that name, trimmed, empty ones left out. */
  public List<String> elements(String name) {
    List<String> elements = new ArrayList<>(4);
    for (String value : all(name)) {
      for (String element : value.split(",", -1)) {
        String trimmed = element.strip();
        if (!trimmed.isEmpty()) {
          elements.add(trimmed);
        }
      }
    }
    return elements;
  }

  public boolean contains(String name) {
    return get(name) != null;
  }

  public Headers add(String name, String value) {
    fields.add(name);
    fields.add(value);
    return this;
  }

  public Headers set(String name, String value) {
    remove(name);
    return add(name, value);
  }

  public Headers remove(String name) {
    for (int i = fields.size() - 2; i >= 0; i -= 2) {
      if (fields.get(i).equalsIgnoreCase(name)) {
        fields.remove(i + 1);
        fields.remove(i);
      }
    }
    return this;
  }

  public void forEach(BiConsumer<String, String> action) {
    for (int i = 0; i < fields.size(); i += 2) {
      action.accept(fields.get(i), fields.get(i + 1));
    }
  }

  @Override
  public String toString() {
    return fields.toString();
  }
}
