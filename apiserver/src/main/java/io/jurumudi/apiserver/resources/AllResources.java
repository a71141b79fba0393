package io.jurumudi.apiserver.resources;

import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.resources.apps.AppsKinds;
import io.jurumudi.apiserver.resources.batch.BatchKinds;
import io.jurumudi.apiserver.resources.cluster.AccessKinds;
import io.jurumudi.apiserver.resources.cluster.ClusterKinds;
import io.jurumudi.apiserver.resources.cluster.NetworkKinds;
import io.jurumudi.apiserver.resources.core.CoreKinds;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Every resource whose objects are stored. */
public final class AllResources {
  private AllResources() {}

  /** New values at each call: nothing is shared between servers. */
  public static List<Resource<?>> list(InstantSource clock) {
    List<Resource<?>> all = new ArrayList<>(CoreKinds.resources());
    all.addAll(AppsKinds.resources());
    all.addAll(BatchKinds.resources());
    all.addAll(AccessKinds.resources(clock));
    all.addAll(NetworkKinds.resources());
    all.addAll(ClusterKinds.resources());
    return all;
  }
}
