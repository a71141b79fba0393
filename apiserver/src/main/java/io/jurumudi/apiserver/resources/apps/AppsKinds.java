package io.jurumudi.apiserver.resources.apps;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.apiserver.defaults.WorkloadDefaults;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ScaleMapping;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.resources.PodTemplates;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.PodWarnings;
import io.jurumudi.apiserver.validation.SmallKinds;
import io.jurumudi.apiserver.validation.WorkloadValidation;
import io.jurumudi.machinery.apply.FieldSet;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The kinds of the group apps. Facts: k8s.io/kubernetes pkg/registry/apps. */
public final class AppsKinds {
  private static final String TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

  private AppsKinds() {}

  public static List<Resource<?>> resources() {
    return List.of(
        controllerRevisions(), daemonSets(), deployments(), replicaSets(), statefulSets());
  }

  private static long number(@Nullable Integer n) {
    return n == null ? 0 : n;
  }

  private static List<String> warnings(PodTemplateSpec template) {
    return PodWarnings.template(template, FieldPath.of("spec", "template"));
  }

  private static Resource<Deployment> deployments() {
    return Resource.of(Resources.DEPLOYMENTS)
        .defaults(WorkloadDefaults::deployment)
        .strategy(
            s ->
                s.resets("status", FieldSet.ofFields("metadata.labels", "spec"))
                    .countsGenerations()
                    .annotationsMakeGenerations()
                    .statusKeepsLabels()
                    .warningsOfChanges(d -> warnings(d.spec().template()))
                    .validate(WorkloadValidation::deployment)
                    .validateUpdate(WorkloadValidation::deploymentUpdate))
        .scale(
            new ScaleMapping<>(
                d -> d.spec().replicas(),
                d -> d.status().replicas(),
                d -> PodTemplates.scaleSelector(d.spec().selector()),
                (d, n) -> d.toBuilder().spec(d.spec().toBuilder().replicas(n).build()).build()))
        .columns(
            Columns.of(
                (d, now) ->
                    List.of(
                        d.metadata().name(),
                        d.status().readyReplicas() + "/" + number(d.spec().replicas()),
                        (long) d.status().updatedReplicas(),
                        (long) d.status().availableReplicas(),
                        Cells.age(d, now),
                        PodTemplates.names(d.spec().template()),
                        PodTemplates.images(d.spec().template()),
                        PodTemplates.selector(d.spec().selector())),
                Column.named(),
                Column.of("Ready"),
                Column.of("Up-to-date"),
                Column.of("Available"),
                Column.age(),
                Column.wide("Containers"),
                Column.wide("Images"),
                Column.wide("Selector")))
        .build();
  }

  private static Resource<ReplicaSet> replicaSets() {
    return Resource.of(Resources.REPLICASETS)
        .defaults(WorkloadDefaults::replicaSet)
        .strategy(
            s ->
                s.countsGenerations()
                    .warningsOfChanges(d -> warnings(d.spec().template()))
                    .validate(WorkloadValidation::replicaSet)
                    .validateUpdate(WorkloadValidation::replicaSetUpdate)
                    .selectableFields(
                        r -> Map.of("status.replicas", Integer.toString(r.status().replicas()))))
        .scale(
            new ScaleMapping<>(
                r -> r.spec().replicas(),
                r -> r.status().replicas(),
                r -> PodTemplates.scaleSelector(r.spec().selector()),
                (r, n) -> r.toBuilder().spec(r.spec().toBuilder().replicas(n).build()).build()))
        .columns(
            Columns.of(
                (r, now) ->
                    List.of(
                        r.metadata().name(),
                        number(r.spec().replicas()),
                        (long) r.status().replicas(),
                        (long) r.status().readyReplicas(),
                        Cells.age(r, now),
                        PodTemplates.names(r.spec().template()),
                        PodTemplates.images(r.spec().template()),
                        PodTemplates.selector(r.spec().selector())),
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

  private static Resource<StatefulSet> statefulSets() {
    return Resource.of(Resources.STATEFULSETS)
        .defaults(WorkloadDefaults::statefulSet)
        .strategy(
            s ->
                s.countsGenerations()
                    .warningsOfChanges(d -> warnings(d.spec().template()))
                    .validate(WorkloadValidation::statefulSet)
                    .validateUpdate(WorkloadValidation::statefulSetUpdate))
        .scale(
            new ScaleMapping<>(
                r -> r.spec().replicas(),
                r -> r.status().replicas(),
                r -> PodTemplates.scaleSelector(r.spec().selector()),
                (r, n) -> r.toBuilder().spec(r.spec().toBuilder().replicas(n).build()).build()))
        .columns(
            Columns.of(
                (r, now) ->
                    List.of(
                        r.metadata().name(),
                        r.status().readyReplicas() + "/" + number(r.spec().replicas()),
                        Cells.age(r, now),
                        PodTemplates.names(r.spec().template()),
                        PodTemplates.images(r.spec().template())),
                Column.named(),
                Column.of("Ready"),
                Column.age(),
                Column.wide("Containers"),
                Column.wide("Images")))
        .build();
  }

  private static Resource<DaemonSet> daemonSets() {
    return Resource.of(Resources.DAEMONSETS)
        .defaults(d -> annotated(WorkloadDefaults.daemonSet(d)))
        .strategy(
            s ->
                s.countsGenerations()
                    .onCreate(d -> templateGeneration(d, "1"))
                    .onUpdate(AppsKinds::nextTemplateGeneration)
                    .warningsOfChanges(d -> warnings(d.spec().template()))
                    .validate(WorkloadValidation::daemonSet)
                    .validateUpdate(WorkloadValidation::daemonSetUpdate))
        .columns(
            Columns.of(
                (d, now) ->
                    List.of(
                        d.metadata().name(),
                        (long) d.status().desiredNumberScheduled(),
                        (long) d.status().currentNumberScheduled(),
                        (long) d.status().numberReady(),
                        (long) d.status().updatedNumberScheduled(),
                        (long) d.status().numberAvailable(),
                        Cells.labels(d.spec().template().spec().nodeSelector()),
                        Cells.age(d, now),
                        PodTemplates.names(d.spec().template()),
                        PodTemplates.images(d.spec().template()),
                        PodTemplates.selector(d.spec().selector())),
                Column.named(),
                Column.number("Desired"),
                Column.number("Current"),
                Column.number("Ready"),
                Column.number("Up-to-date"),
                Column.number("Available"),
                Column.of("Node Selector"),
                Column.age(),
                Column.wide("Containers"),
                Column.wide("Images"),
                Column.wide("Selector")))
        .build();
  }

  /** Whoever writes a daemon set writes this too, as if it had been said. */
  private static DaemonSet annotated(DaemonSet d) {
    return d.metadata().annotations().containsKey(TEMPLATE_GENERATION)
        ? d
        : templateGeneration(d, "0");
  }

  /** Upstream shows an old field of daemon sets as this annotation. */
  private static DaemonSet templateGeneration(DaemonSet d, String generation) {
    Map<String, String> annotations = new TreeMap<>(d.metadata().annotations());
    annotations.put(TEMPLATE_GENERATION, generation);
    return d.withMetadata(d.metadata().toBuilder().annotations(annotations).build());
  }

  private static DaemonSet nextTemplateGeneration(DaemonSet d, DaemonSet old) {
    String before = old.metadata().annotations().getOrDefault(TEMPLATE_GENERATION, "1");
    if (d.spec().template().equals(old.spec().template())) {
      return templateGeneration(d, before);
    }
    long number;
    try {
      number = Long.parseLong(before);
    } catch (NumberFormatException e) {
      number = 0;
    }
    return templateGeneration(d, Long.toString(number + 1));
  }

  private static Resource<ControllerRevision> controllerRevisions() {
    return Resource.of(Resources.CONTROLLERREVISIONS)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .validate(SmallKinds::controllerRevision)
                    .validateUpdate(SmallKinds::controllerRevisionUpdate))
        .columns(
            Columns.framed(
                r -> List.of(controller(r), r.revision()),
                Column.of("Controller"),
                Column.of("Revision")))
        .build();
  }

  private static String controller(ControllerRevision r) {
    return r.metadata().ownerReferences().stream()
        .filter(o -> Boolean.TRUE.equals(o.controller()))
        .map(
            o -> {
              String group = GroupVersion.parse(o.apiVersion()).group();
              String kind = o.kind().toLowerCase(Locale.ROOT);
              return (group.isEmpty() ? kind : kind + "." + group) + "/" + o.name();
            })
        .findFirst()
        .orElse(Cells.NONE);
  }
}
