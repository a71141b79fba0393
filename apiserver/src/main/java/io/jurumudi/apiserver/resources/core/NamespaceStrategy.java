package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.NamespaceStatus;
import io.jurumudi.apiserver.registry.KindStrategy;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Namespaces end in two steps: a deletion marks one as terminating; it goes when its contents have
 * gone and the last finalizer of its spec has let go.
 */
final class NamespaceStrategy {
  private static final String KUBERNETES = "kubernetes";

  private NamespaceStrategy() {}

  static KindStrategy.Builder<Namespace> of(KindStrategy.Builder<Namespace> b) {
    return b.onCreate(NamespaceStrategy::created)
        .onUpdate(
            (updated, old) ->
                updated.toBuilder()
                    .spec(updated.spec().toBuilder().finalizers(old.spec().finalizers()).build())
                    .build())
        .held(n -> !n.spec().finalizers().isEmpty() || !n.metadata().finalizers().isEmpty())
        .ends(
            (updated, old) ->
                updated.metadata().deletionTimestamp() != null
                    && updated.spec().finalizers().isEmpty()
                    && updated.metadata().finalizers().isEmpty())
        .checksOfUpdatedMetadata(MetadataChecks.WHOLE)
        .onDeletionBegun(
            n ->
                n.toBuilder()
                    .metadata(
                        n.metadata().toBuilder().deletionGracePeriodSeconds((Long) null).build())
                    .status(n.status().toBuilder().phase("Terminating").build())
                    .build())
        .selectableFields(
            n -> Map.of("status.phase", n.status().phase(), "name", n.metadata().name()));
  }

  private static Namespace created(Namespace n) {
    List<String> finalizers = new ArrayList<>(n.spec().finalizers());
    if (!finalizers.contains(KUBERNETES)) {
      finalizers.add(KUBERNETES);
    }
    return n.toBuilder()
        .spec(n.spec().toBuilder().finalizers(finalizers).build())
        .status(NamespaceStatus.builder().phase("Active").build())
        .build();
  }
}
