package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.LimitRange;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.NamespaceSpec;
import io.jurumudi.api.core.v1.PodTemplate;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.apiserver.defaults.CoreDefaults;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ScaleMapping;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.registry.UpdateStrategy;
import io.jurumudi.apiserver.resources.PodTemplates;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.ClusterValidation;
import io.jurumudi.apiserver.validation.CoreValidation;
import io.jurumudi.apiserver.validation.PodWarnings;
import io.jurumudi.apiserver.validation.SmallKinds;
import io.jurumudi.apiserver.validation.WorkloadValidation;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The smaller kinds of the core group. */
public final class CoreKinds {
  private CoreKinds() {}

  public static List<Resource<?>> resources() {
    return List.of(
        configMaps(),
        endpoints(),
        Events.resource(),
        limitRanges(),
        namespaces(),
        Nodes.resource(),
        Volumes.claims(),
        Volumes.volumes(),
        Pods.resource(),
        podTemplates(),
        replicationControllers(),
        resourceQuotas(),
        secrets(),
        serviceAccounts(),
        Services.resource());
  }

  private static Resource<ConfigMap> configMaps() {
    return Resource.of(Resources.CONFIGMAPS)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .validate(CoreValidation::configMap)
                    .validateUpdate(CoreValidation::configMap))
        .columns(
            Columns.framed(
                c -> List.of((long) c.data().size() + c.binaryData().size()), Column.of("Data")))
        .build();
  }

  private static Resource<Secret> secrets() {
    return Resource.of(Resources.SECRETS)
        .defaults(CoreDefaults::secret)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .validate(CoreValidation::secret)
                    .validateUpdate(CoreValidation::secret)
                    .selectableFields(secret -> Map.of("type", secret.type())))
        .columns(
            Columns.framed(
                c -> List.of(c.type(), (long) c.data().size()),
                Column.of("Type"),
                Column.of("Data")))
        .build();
  }

  private static Resource<ServiceAccount> serviceAccounts() {
    return Resource.of(Resources.SERVICEACCOUNTS)
        .strategy(s -> s.checksOfUpdatedMetadata(MetadataChecks.WHOLE).answersWithDeletedObject())
        .columns(Columns.nameAndAge())
        .build();
  }

  private static Resource<Endpoints> endpoints() {
    return Resource.of(Resources.ENDPOINTS)
        .storedAt("services/endpoints")
        .defaults(CoreDefaults::endpoints)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .createOnUpdate()
                    .validateAlways(ClusterValidation::endpoints))
        .deprecated("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
        .columns(Columns.framed(e -> List.of(addresses(e)), Column.of("Endpoints")))
        .build();
  }

  private static String addresses(Endpoints endpoints) {
    List<String> all = new ArrayList<>();
    for (var subset : endpoints.subsets()) {
      for (var address : subset.addresses()) {
        if (subset.ports().isEmpty()) {
          all.add(address.ip());
        }
        for (var port : subset.ports()) {
          boolean v6 = address.ip().indexOf(':') >= 0;
          all.add((v6 ? "[" + address.ip() + "]" : address.ip()) + ":" + port.port());
        }
      }
    }
    return Cells.some(all, 3);
  }

  private static Resource<LimitRange> limitRanges() {
    return Resource.of(Resources.LIMITRANGES)
        .defaults(CoreDefaults::limitRange)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.STATE)
                    .createOnUpdate()
                    .validateAlways(ClusterValidation::limitRange)
                    .onCreate(
                        l ->
                            l.metadata().name().isEmpty()
                                ? l.withMetadata(
                                    l.metadata().toBuilder().name(l.metadata().uid()).build())
                                : l))
        .build();
  }

  private static Resource<ResourceQuota> resourceQuotas() {
    return Resource.of(Resources.RESOURCEQUOTAS)
        .strategy(s -> s.answersWithDeletedObject())
        .columns(
            Columns.framed(
                q -> List.of(quota(q, false), quota(q, true)),
                Column.of("Request"),
                Column.of("Limit")))
        .build();
  }

  private static String quota(ResourceQuota quota, boolean limits) {
    List<String> parts = new ArrayList<>();
    quota
        .status()
        .hard()
        .forEach(
            (name, hard) -> {
              if (name.startsWith("limits.") == limits) {
                var used = quota.status().used().get(name);
                parts.add(name + ": " + (used == null ? "0" : used.toString()) + "/" + hard);
              }
            });
    return String.join(", ", parts);
  }

  private static Resource<Namespace> namespaces() {
    return Resource.of(Resources.NAMESPACES)
        .defaults(CoreDefaults::namespace)
        .strategy(s -> NamespaceStrategy.of(s.nameRule(NameRule.LABEL)))
        .update("finalize", FINALIZE)
        .columns(Columns.framed(n -> List.of(n.status().phase()), Column.of("Status")))
        .build();
  }

  private static final UpdateStrategy<Namespace> FINALIZE =
      new UpdateStrategy<>() {
        @Override
        public Namespace prepareUpdate(Namespace updated, Namespace old) {
          NamespaceSpec spec =
              old.spec().toBuilder().finalizers(updated.spec().finalizers()).build();
          return old.toBuilder().metadata(updated.metadata()).spec(spec).build();
        }

        @Override
        public List<FieldError> validateUpdate(Namespace updated, Namespace old) {
          return List.of();
        }
      };

  private static Resource<PodTemplate> podTemplates() {
    return Resource.of(Resources.PODTEMPLATES)
        .defaults(CoreDefaults::podTemplate)
        .strategy(
            s -> s.countsGenerations().answersWithDeletedObject().validate(SmallKinds::podTemplate))
        .columns(
            Columns.of(
                (t, now) ->
                    List.of(
                        t.metadata().name(),
                        PodTemplates.names(t.template()),
                        PodTemplates.images(t.template()),
                        Cells.labels(t.template().metadata().labels())),
                Column.named(),
                Column.of("Containers"),
                Column.of("Images"),
                Column.of("Pod Labels")))
        .build();
  }

  private static Resource<ReplicationController> replicationControllers() {
    return Resource.of(Resources.REPLICATIONCONTROLLERS)
        .storedAt("controllers")
        .defaults(CoreDefaults::replicationController)
        .strategy(
            s ->
                s.countsGenerations()
                    .orphansDependents()
                    .warningsOfChanges(
                        rc ->
                            PodWarnings.template(
                                rc.spec().template(), FieldPath.of("spec", "template")))
                    .validateAlways(WorkloadValidation::replicationController)
                    .selectableFields(
                        rc -> Map.of("status.replicas", Integer.toString(rc.status().replicas()))))
        .scale(
            new ScaleMapping<>(
                rc -> rc.spec().replicas(),
                rc -> rc.status().replicas(),
                rc -> rc.spec().selector().isEmpty() ? "" : Cells.labels(rc.spec().selector()),
                (rc, replicas) ->
                    rc.toBuilder().spec(rc.spec().toBuilder().replicas(replicas).build()).build()))
        .columns(
            Columns.of(
                (rc, now) ->
                    List.of(
                        rc.metadata().name(),
                        (long) (rc.spec().replicas() == null ? 0 : rc.spec().replicas()),
                        (long) rc.status().replicas(),
                        (long) rc.status().readyReplicas(),
                        Cells.age(rc, now),
                        rc.spec().template() == null
                            ? ""
                            : PodTemplates.names(rc.spec().template()),
                        rc.spec().template() == null
                            ? ""
                            : PodTemplates.images(rc.spec().template()),
                        Cells.labels(rc.spec().selector())),
                Column.named(),
                Column.number("Desired"),
                Column.number("Current"),
                Column.number("Ready"),
                Column.age(),
                Column.wide("Containers"),
                Column.wide("Images"),
                Column.wide("Selector")))
        .build();
  }
}
