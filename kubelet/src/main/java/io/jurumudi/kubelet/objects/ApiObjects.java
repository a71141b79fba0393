package io.jurumudi.kubelet.objects;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.client.Client;
import io.jurumudi.client.Informer;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.container.PodObjects;
import io.jurumudi.kubelet.worker.PodReferences;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** What pods refer to, from an API server. Any thread. */
public final class ApiObjects implements PodObjects, PodReferences, AutoCloseable {
  private final ReferencedObjects<ConfigMap> configMaps;
  private final ReferencedObjects<Secret> secrets;
  private final Informer<Service> services;
  private final Client client;

  /**
   * @param executor a virtual thread a task
   * @param changed told the uids of the pods that refer to an object that changed
   */
  public ApiObjects(
      Client client, Informer<Service> services, Executor executor, Consumer<Set<String>> changed) {
    this.configMaps = new ReferencedObjects<>(client, Resources.CONFIGMAPS, executor, changed);
    this.secrets = new ReferencedObjects<>(client, Resources.SECRETS, executor, changed);
    this.services = services;
    this.client = client;
  }

  @Override
  public ConfigMap configMap(String namespace, String name) {
    return configMaps.get(namespace, name);
  }

  @Override
  public Secret secret(String namespace, String name) {
    return secrets.get(namespace, name);
  }

  @Override
  public Collection<Service> services(String namespace) {
    return services.list(namespace);
  }

  @Override
  public void register(Pod pod) {
    References references = References.of(pod);
    configMaps.register(pod.metadata().uid(), references.configMaps());
    secrets.register(pod.metadata().uid(), references.secrets());
  }

  @Override
  public void unregister(String podUid) {
    configMaps.unregister(podUid);
    secrets.unregister(podUid);
  }

  @Override
  public String runtimeHandler(Pod pod) throws ConfigException {
    String name = pod.spec().runtimeClassName();
    if (name == null || name.isEmpty()) {
      return "";
    }
    try {
      return client
          .resource(Resources.RUNTIMECLASSES)
          .find("", name)
          .orElseThrow(() -> new ConfigException("RuntimeClass not found: \"" + name + "\""))
          .handler();
    } catch (ApiException e) {
      throw new ConfigException("failed to look up RuntimeClass " + name + ": " + e.getMessage());
    }
  }

  @Override
  public List<Secret> pullSecrets(Pod pod) {
    List<Secret> found = new ArrayList<>();
    for (var reference : pod.spec().imagePullSecrets()) {
      try {
        found.add(secret(pod.metadata().namespace(), reference.name()));
      } catch (ApiException e) {
        // The pull may well succeed without it.
      }
    }
    return found;
  }

  @Override
  public void close() {
    configMaps.close();
    secrets.close();
  }
}
