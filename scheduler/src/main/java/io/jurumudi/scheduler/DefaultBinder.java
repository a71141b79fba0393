package io.jurumudi.scheduler;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Binding;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.client.Client;
import io.jurumudi.client.Resource;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;

/** Binds pods by their subresource "binding". */
final class DefaultBinder implements Plugin.Bind {
  private final Resource<Pod> pods;

  DefaultBinder(Client client) {
    this.pods = client.resource(Resources.PODS);
  }

  @Override
  public String name() {
    return "DefaultBinder";
  }

  @Override
  public io.jurumudi.scheduler.framework.Status bind(CycleState state, PodInfo pod, String node) {
    Binding binding =
        Binding.builder()
            .metadata(m -> m.namespace(pod.namespace()).name(pod.name()).uid(pod.uid()))
            .target(t -> t.kind("Node").name(node))
            .build();
    pods.subresource(pod.namespace(), pod.name(), "binding", binding, Status.class);
    return io.jurumudi.scheduler.framework.Status.SUCCESS;
  }
}
