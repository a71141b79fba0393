package io.jurumudi.apiserver.aggregation;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apiregistration.v1.APIService;
import io.jurumudi.api.apiregistration.v1.APIServiceCondition;
import io.jurumudi.api.apiregistration.v1.APIServiceSpec;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.verbs.Target;
import io.jurumudi.apiserver.verbs.Verbs;
import io.jurumudi.apiserver.verbs.WriteOptions;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Keeps an API service for every group version that this server serves itself, and the status of
 * those of others. Facts: k8s.io/kube-aggregator, and pkg/controlplane/apiserver of Kubernetes.
 */
public final class ApiServices implements RemoteServices.StatusWriter {
  private static final String MANAGED = "kube-aggregator.kubernetes.io/automanaged";
  private static final String AVAILABLE = "Available";
  private static final WriteOptions WRITE = WriteOptions.INTERNAL;

  /** The order of groups where clients ask for what is preferred; highest first. */
  private static final Map<String, Integer> PRIORITIES =
      Map.ofEntries(
          Map.entry("", 18000),
          Map.entry("apps", 17800),
          Map.entry("events.k8s.io", 17750),
          Map.entry("authentication.k8s.io", 17700),
          Map.entry("authorization.k8s.io", 17600),
          Map.entry("autoscaling", 17500),
          Map.entry("batch", 17400),
          Map.entry("certificates.k8s.io", 17300),
          Map.entry("networking.k8s.io", 17200),
          Map.entry("policy", 17100),
          Map.entry("rbac.authorization.k8s.io", 17000),
          Map.entry("storage.k8s.io", 16800),
          Map.entry("apiextensions.k8s.io", 16700),
          Map.entry("admissionregistration.k8s.io", 16700),
          Map.entry("scheduling.k8s.io", 16600),
          Map.entry("coordination.k8s.io", 16500),
          Map.entry("node.k8s.io", 16300),
          Map.entry("discovery.k8s.io", 16200),
          Map.entry("flowcontrol.apiserver.k8s.io", 16100),
          Map.entry("internal.apiserver.k8s.io", 16000),
          Map.entry("resource.k8s.io", 15900));

  private static final int CUSTOM_PRIORITY = 1000;
  private static final int CUSTOM_VERSION_PRIORITY = 100;
  private static final int VERSION_PRIORITY = 15;

  private final Verbs verbs;
  private final ServerObjects objects;
  private final Resource<APIService> resource;
  private final InstantSource clock;
  private final CallContext self =
      new CallContext(new UserInfo("system:apiserver", UserInfo.MASTERS), "kube-apiserver");

  public ApiServices(Verbs verbs, ServerObjects objects, Catalog catalog, InstantSource clock) {
    this.verbs = verbs;
    this.objects = objects;
    this.resource = catalog.resource(Resources.APISERVICES);
    this.clock = clock;
  }

  private Target<APIService, APIService> target(String name, String subresource) {
    return new Target<>(resource, resource.storedVersion(), "", name, subresource);
  }

  private static String name(GroupVersion version) {
    return version.version() + "." + version.group();
  }

  /** Makes the API services be those of a catalog, beside those of others. */
  public synchronized void follow(Catalog catalog) {
    Set<String> wanted =
        catalog.groupVersions().stream().map(ApiServices::name).collect(Collectors.toSet());
    Map<String, APIService> present = new TreeMap<>();
    objects.list(Resources.APISERVICES, "").forEach(a -> present.put(a.metadata().name(), a));
    present.forEach(
        (name, api) -> {
          if (api.metadata().labels().containsKey(MANAGED) && !wanted.contains(name)) {
            quietly(
                () ->
                    verbs
                        .deletes()
                        .delete(
                            target(name, ""), io.jurumudi.api.meta.v1.DeleteOptions.EMPTY, self));
          }
        });
    for (GroupVersion version : catalog.groupVersions()) {
      if (!version.group().equals("apiregistration.k8s.io")
          && !present.containsKey(name(version))) {
        boolean custom = catalog.in(version).stream().anyMatch(one -> one.type().schema().open());
        quietly(() -> create(version, custom));
      }
    }
  }

  private void create(GroupVersion version, boolean custom) {
    String name = name(version);
    APIService api =
        APIService.builder()
            .metadata(
                ObjectMeta.builder()
                    .name(name)
                    .labels(Map.of(MANAGED, custom ? "true" : "onstart"))
                    .build())
            .spec(
                APIServiceSpec.builder()
                    .group(version.group())
                    .version(version.version())
                    .groupPriorityMinimum(
                        custom
                            ? CUSTOM_PRIORITY
                            : PRIORITIES.getOrDefault(version.group(), CUSTOM_PRIORITY))
                    .versionPriority(versionPriority(version, custom))
                    .build())
            .build();
    verbs.creates().create(target("", ""), api, WRITE, self);
    write(
        name,
        APIServiceCondition.builder()
            .type(AVAILABLE)
            .status("True")
            .reason("Local")
            .message("Local APIServices are always available")
            .build());
  }

  private static int versionPriority(GroupVersion version, boolean custom) {
    if (custom) {
      return CUSTOM_VERSION_PRIORITY;
    }
    if (version.group().isEmpty()) {
      return 1;
    }
    return version.equals(new GroupVersion("autoscaling", "v2"))
        ? 2 * VERSION_PRIORITY
        : VERSION_PRIORITY;
  }

  private static void quietly(Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (!e.isAlreadyExists() && !e.isNotFound()) {
        throw e;
      }
    }
  }

  @Override
  public void write(String name, APIServiceCondition available) {
    quietly(
        () ->
            verbs
                .updates()
                .modify(target(name, "status"), api -> with(api, available), WRITE, self, true));
  }

  /** Changes nothing when the condition says so already. */
  private APIService with(APIService api, APIServiceCondition available) {
    List<APIServiceCondition> conditions = new ArrayList<>();
    Instant since = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    for (APIServiceCondition condition : api.status().conditions()) {
      if (!condition.type().equals(AVAILABLE)) {
        conditions.add(condition);
      } else if (condition.status().equals(available.status())
          && condition.lastTransitionTime() != null) {
        since = condition.lastTransitionTime();
      }
    }
    conditions.addFirst(available.toBuilder().lastTransitionTime(since).build());
    return api.toBuilder().status(api.status().toBuilder().conditions(conditions).build()).build();
  }

  /** Tells other servers whom to believe: the proxy's authority, and that of clients. */
  public static ConfigMap authentication(FrontProxy proxy) {
    Map<String, String> data = new TreeMap<>();
    data.put("client-ca-file", proxy.clientAuthorityPem());
    data.put("requestheader-client-ca-file", proxy.authorityPem());
    data.put("requestheader-allowed-names", list(FrontProxy.NAME));
    data.put("requestheader-username-headers", list("X-Remote-User"));
    data.put("requestheader-uid-headers", list("X-Remote-Uid"));
    data.put("requestheader-group-headers", list("X-Remote-Group"));
    data.put("requestheader-extra-headers-prefix", list("X-Remote-Extra-"));
    return ConfigMap.builder()
        .metadata(
            ObjectMeta.builder()
                .namespace("kube-system")
                .name("extension-apiserver-authentication")
                .build())
        .data(data)
        .build();
  }

  private static String list(String one) {
    return Trees.toJson(List.of(one));
  }
}
