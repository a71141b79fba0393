package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ComponentCondition;
import io.jurumudi.api.core.v1.ComponentStatus;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * How the control plane's parts are. Only the store is told of: it is the one part that the server
 * itself can see. Upstream asks ports on its own machine about the others.
 */
public final class ComponentStatuses {
  private ComponentStatuses() {}

  public static Resource<ComponentStatus> resource(BooleanSupplier storeAnswers) {
    return Resource.of(Resources.COMPONENTSTATUSES)
        .computed(() -> List.of(store(storeAnswers.getAsBoolean())))
        .deprecated("v1 ComponentStatus is deprecated in v1.19+")
        .columns(
            Columns.of(
                (c, now) -> {
                  ComponentCondition healthy = c.conditions().getFirst();
                  return List.of(
                      c.metadata().name(),
                      healthy.status().equals("True") ? "Healthy" : "Unhealthy",
                      healthy.message(),
                      healthy.error());
                },
                Column.named(),
                Column.of("Status"),
                Column.of("Message"),
                Column.of("Error")))
        .build();
  }

  private static ComponentStatus store(boolean answers) {
    return ComponentStatus.builder()
        .metadata(m -> m.name("etcd-0"))
        .conditions(
            List.of(
                ComponentCondition.builder()
                    .type("Healthy")
                    .status(answers ? "True" : "False")
                    .message(answers ? "ok" : "")
                    .error(answers ? "" : "the store does not answer")
                    .build()))
        .build();
  }
}
