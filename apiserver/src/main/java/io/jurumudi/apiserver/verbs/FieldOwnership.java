package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.ManagedFieldsEntry;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.ClientForm;
import io.jurumudi.apiserver.registry.ServedVersion;
import io.jurumudi.machinery.apply.FieldManager;
import io.jurumudi.machinery.apply.FieldSet;
import io.jurumudi.machinery.apply.SchemaValueType;
import io.jurumudi.machinery.apply.TypeMismatchException;
import io.jurumudi.machinery.codec.Trees;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps metadata.managedFields true as objects are written. Thread-safe. */
public final class FieldOwnership {
  /** In characters; what is longer is cut. */
  private static final int MAX_MANAGER = 128;

  private record Endpoint(String schema, String subresource) {}

  private final InstantSource clock;

  /** A manager and the form it was made for; a custom kind's may change. */
  private record Known(ClientForm<?> form, FieldManager manager) {}

  private final Map<Endpoint, Known> managers = new ConcurrentHashMap<>();

  public FieldOwnership(InstantSource clock) {
    this.clock = clock;
  }

  FieldManager manager(Target<?, ?> target) {
    ServedVersion<?, ?> version = target.version();
    String subresource = target.subresource();
    ClientForm<?> form = version.form();
    Endpoint endpoint = new Endpoint(version.type().schema().name(), subresource);
    Known known = managers.get(endpoint);
    if (known == null || known.form() != form) {
      known =
          new Known(
              form,
              new FieldManager(
                  form.valueType(),
                  version.type().apiVersion(),
                  subresource,
                  target.resource().strategy().resets(subresource),
                  clock));
      managers.put(endpoint, known);
    }
    return known.manager();
  }

  /**
   * The object with its writer as the manager of what it changed.
   *
   * @param old null when the object is created
   */
  <V extends KubernetesObject<V>, T extends KubernetesObject<T>> T written(
      Target<V, T> target, T object, @Nullable T old, WriteOptions options, CallContext caller) {
    if (object.equals(old)) {
      return object;
    }
    ServedVersion<V, T> version = target.version();
    try {
      Map<String, @Nullable Object> tree =
          manager(target)
              .update(
                  old == null ? null : Trees.fromMessage(version.fromStored().apply(old)),
                  Trees.fromMessage(version.fromStored().apply(object)),
                  name(options.fieldManager(), caller));
      return object.withMetadata(
          object.metadata().toBuilder().managedFields(entries(tree)).build());
    } catch (TypeMismatchException e) {
      // Upstream too writes on when it cannot keep account, rather than refuse the write.
      return object;
    }
  }

  /**
   * The answer of a resource that keeps nothing, with the writer as the manager of what was asked.
   *
   * @param namespace empty for a cluster-wide resource
   * @param body what was asked
   */
  public Message<?> asked(
      ResourceType<?> type,
      String namespace,
      Message<?> body,
      Message<?> answer,
      WriteOptions options,
      CallContext caller) {
    Field spec = type.schema().field("spec");
    if (!(answer instanceof KubernetesObject<?> object)
        || (spec != null
            && !Objects.equals(body.component(spec.index()), answer.component(spec.index())))) {
      return answer; // It does not repeat what was asked.
    }
    FieldManager manager =
        new FieldManager(
            SchemaValueType.of(type.schema()), type.apiVersion(), "", new FieldSet(), clock);
    Map<String, @Nullable Object> tree =
        manager.update(null, Trees.fromMessage(body), name(options.fieldManager(), caller));
    return object.withMetadata(
        object.metadata().toBuilder().namespace(namespace).managedFields(entries(tree)).build());
  }

  private static List<ManagedFieldsEntry> entries(Map<String, @Nullable Object> tree) {
    List<ManagedFieldsEntry> entries = new ArrayList<>();
    if (Trees.at(tree, "metadata", "managedFields") instanceof List<?> list) {
      for (Object entry : list) {
        entries.add(Trees.toMessage(ManagedFieldsEntry.SCHEMA, Trees.map(entry)));
      }
    }
    return entries;
  }

  /** The name under which a client that names none manages fields: its program's name. */
  static String name(String named, CallContext caller) {
    if (!named.isEmpty()) {
      return named;
    }
    String agent = caller.agent();
    int slash = agent.indexOf('/');
    String program = slash < 0 ? agent : agent.substring(0, slash);
    StringBuilder printable = new StringBuilder();
    program
        .codePoints()
        .filter(c -> !Character.isISOControl(c))
        .limit(MAX_MANAGER)
        .forEach(printable::appendCodePoint);
    return printable.isEmpty() ? "unknown" : printable.toString();
  }
}
