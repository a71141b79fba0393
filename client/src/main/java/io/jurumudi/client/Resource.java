package io.jurumudi.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Preconditions;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.KubernetesList;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.errors.ApiException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The objects of one kind on an API server. Every call is one request and blocks; it throws {@link
 * ApiException} with the server's Status when it is refused. A namespace is empty for kinds without
 * namespaces, and on lists for all namespaces.
 */
public final class Resource<T extends KubernetesObject<T>> {
  private static final int UPDATE_ATTEMPTS = 10;

  private final Transport transport;
  private final ResourceType<T> type;
  private final String fieldManager;

  Resource(Transport transport, ResourceType<T> type, String fieldManager) {
    this.transport = transport;
    this.type = type;
    this.fieldManager = fieldManager;
  }

  public ResourceType<T> type() {
    return type;
  }

  /** The object; an error with reason NotFound when there is none. */
  public T get(String namespace, String name) {
    return object(transport.call(ApiRequest.of("get", type, namespace, name)));
  }

  /** The object, or empty when there is none. */
  public Optional<T> find(String namespace, String name) {
    try {
      return Optional.of(get(namespace, name));
    } catch (ApiException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  public ObjectList<T> list(String namespace) {
    return list(namespace, ListOptions.ALL);
  }

  public ObjectList<T> list(String namespace, ListOptions options) {
    Message<?> answer =
        transport.call(ApiRequest.of("list", type, namespace, "").withQuery(options.query()));
    if (!(answer instanceof KubernetesList<?, ?> list)) {
      throw unexpected(answer);
    }
    List<T> items = list.items().stream().map(item -> object((Message<?>) item)).toList();
    return new ObjectList<>(list.metadata(), items);
  }

  /** Creates the object in its namespace; the answer is how the server keeps it. */
  public T create(T object) {
    return object(
        transport.call(
            managed(
                ApiRequest.of("create", type, object.metadata().namespace(), "")
                    .withBody(object))));
  }

  /** Replaces the object; a conflict when it has another resource version by now. */
  public T update(T object) {
    return update(object, "");
  }

  public T updateStatus(T object) {
    return update(object, "status");
  }

  /** Replaces what a subresource such as "approval" or "finalize" shows of the object. */
  public T updateSubresource(T object, String subresource) {
    return update(object, subresource);
  }

  private T update(T object, String subresource) {
    ObjectKey key = ObjectKey.of(object);
    return object(
        transport.call(
            managed(
                ApiRequest.of("update", type, key.namespace(), key.name())
                    .withSubresource(subresource)
                    .withBody(object))));
  }

  /**
   * Reads the object, changes it and writes it, again when another change came between. Nothing is
   * written when the change leaves the object as it is.
   */
  public T edit(String namespace, String name, UnaryOperator<T> change) {
    return edit(namespace, name, "", change);
  }

  /** As {@link #edit}, for the status. */
  public T editStatus(String namespace, String name, UnaryOperator<T> change) {
    return edit(namespace, name, "status", change);
  }

  private T edit(String namespace, String name, String subresource, UnaryOperator<T> change) {
    for (int attempt = 1; ; attempt++) {
      T before = get(namespace, name);
      T after = change.apply(before);
      if (after.equals(before)) {
        return before;
      }
      try {
        return update(after, subresource);
      } catch (ApiException e) {
        if (!e.isConflict() || attempt == UPDATE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Patches the object.
   *
   * @param subresource as in "status"; empty for the object itself
   */
  public T patch(
      String namespace, String name, PatchType patchType, byte[] bytes, String subresource) {
    return object(
        transport.call(
            managed(
                ApiRequest.of("patch", type, namespace, name)
                    .withSubresource(subresource)
                    .withPatch(new Patch(patchType, bytes)))));
  }

  /** Server-side apply: the server takes over exactly these fields for this manager. */
  public T apply(String namespace, String name, byte[] configuration, String manager) {
    return object(
        transport.call(
            ApiRequest.of("patch", type, namespace, name)
                .withPatch(new Patch(PatchType.APPLY, configuration))
                .withQuery("fieldManager", manager)
                .withQuery("force", "true")));
  }

  /**
   * As {@link #delete(String, String, DeleteOptions)}, with the kind's own grace and propagation.
   */
  @CanIgnoreReturnValue
  public Optional<T> delete(String namespace, String name) {
    return delete(namespace, name, DeleteOptions.EMPTY);
  }

  /**
   * Deletes the object; the answer is how it was last, or how it waits to go, if the server says.
   */
  @CanIgnoreReturnValue
  public Optional<T> delete(String namespace, String name, DeleteOptions options) {
    Message<?> answer =
        transport.call(ApiRequest.of("delete", type, namespace, name).withBody(options));
    return received(answer, type);
  }

  /** Deletes this very object, and not another that has its name by now. Gone already is fine. */
  public void delete(T object) {
    DeleteOptions options =
        DeleteOptions.builder()
            .preconditions(Preconditions.builder().uid(object.metadata().uid()).build())
            .build();
    try {
      delete(object.metadata().namespace(), object.metadata().name(), options);
    } catch (ApiException e) {
      if (!e.isNotFound() && !e.isConflict()) {
        throw e;
      }
    }
  }

  public void deleteCollection(String namespace, ListOptions options) {
    transport.call(
        ApiRequest.of("deletecollection", type, namespace, "").withQuery(options.query()));
  }

  /** Creates a subresource: "binding", "token", "eviction". */
  public <R extends Message<R>> R subresource(
      String namespace, String name, String subresource, Message<?> body, Class<R> answer) {
    return answer.cast(
        transport.call(
            managed(
                ApiRequest.of("create", type, namespace, name)
                    .withSubresource(subresource)
                    .withBody(body))));
  }

  private ApiRequest managed(ApiRequest request) {
    return fieldManager.isEmpty() ? request : request.withQuery("fieldManager", fieldManager);
  }

  private T object(Message<?> answer) {
    return received(answer, type).orElseThrow(() -> unexpected(answer));
  }

  /**
   * What a server sent as an object of the type; empty when it is none. A custom kind has a schema
   * here and another on the server, where both are in one process.
   */
  @SuppressWarnings("unchecked")
  static <T extends Message<T>> Optional<T> received(Object sent, ResourceType<T> type) {
    if (!(sent instanceof Message<?> message)) {
      return Optional.empty();
    }
    if (message.schema() == type.schema()) {
      return Optional.of((T) message);
    }
    return message instanceof CustomObject custom
            && type.groupVersionKind().equals(message.schema().kind())
        ? Optional.of((T) custom.as((Schema<CustomObject>) (Schema<?>) type.schema()))
        : Optional.empty();
  }

  private IllegalStateException unexpected(Message<?> answer) {
    return new IllegalStateException(
        "asked for " + type + ", the server answered with " + answer.schema());
  }
}
