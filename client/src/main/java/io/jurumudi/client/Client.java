package io.jurumudi.client;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;

/** Typed access to an API server. Immutable; share it. */
public final class Client {
  private final Transport transport;
  private final String fieldManager;

  private Client(Transport transport, String fieldManager) {
    this.transport = transport;
    this.fieldManager = fieldManager;
  }

  /** A client that leaves it to the server to name who changes objects. */
  public static Client over(Transport transport) {
    return new Client(transport, "");
  }

  /** The same client, under a name that managed fields show for what it changes. */
  public Client as(String newFieldManager) {
    return new Client(transport, newFieldManager);
  }

  /** The objects of one kind. */
  public <T extends KubernetesObject<T>> Resource<T> resource(ResourceType<T> type) {
    return new Resource<>(transport, type, fieldManager);
  }

  /** The objects of a kind that is not known before the program runs. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public Resource<? extends KubernetesObject<?>> anyResource(ResourceType<?> type) {
    return new Resource(transport, type, fieldManager);
  }

  public Transport transport() {
    return transport;
  }
}
