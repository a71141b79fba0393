package io.jurumudi.api.meta;

import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A resource in one of its versions: what discovery says of it, and its schemas.
 *
 * @param listSchema the schema of its list kind; null for what cannot be listed
 */
public record ResourceType<T extends Message<T>>(
    String group,
    String version,
    String plural,
    String singular,
    String kind,
    boolean namespaced,
    List<String> shortNames,
    List<String> categories,
    Set<String> verbs,
    Schema<T> schema,
    @Nullable Schema<?> listSchema,
    List<Subresource> subresources) {
  /** {@code v1} or {@code group/version}. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  public GroupVersionKind groupVersionKind() {
    return new GroupVersionKind(group, version, kind);
  }

  public GroupVersionResource groupVersionResource() {
    return new GroupVersionResource(group, version, plural);
  }

  public Optional<Subresource> subresource(String name) {
    return subresources.stream().filter(s -> s.name().equals(name)).findFirst();
  }

  /** Two are the same when their names are: a resource has one definition in a process. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ResourceType<?> that
        && plural.equals(that.plural)
        && version.equals(that.version)
        && group.equals(that.group);
  }

  @Override
  public int hashCode() {
    return plural.hashCode() * 31 + version.hashCode() * 7 + group.hashCode();
  }

  @Override
  public String toString() {
    return apiVersion() + "/" + plural;
  }
}
