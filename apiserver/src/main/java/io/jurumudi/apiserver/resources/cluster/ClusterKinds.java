package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apiregistration.v1.APIService;
import io.jurumudi.api.apiregistration.v1.APIServiceCondition;
import io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscaler;
import io.jurumudi.api.coordination.v1.Lease;
import io.jurumudi.api.node.v1.RuntimeClass;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.scheduling.v1.PriorityClass;
import io.jurumudi.api.storage.v1.CSIDriver;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.api.storage.v1.VolumeAttachment;
import io.jurumudi.apiserver.customresources.Definitions;
import io.jurumudi.apiserver.defaults.AutoscalerDefaults;
import io.jurumudi.apiserver.defaults.ClusterDefaults;
import io.jurumudi.apiserver.defaults.PolicyDefaults;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.AccessValidation;
import io.jurumudi.apiserver.validation.ClusterValidation;
import io.jurumudi.apiserver.validation.DeviceValidation;
import io.jurumudi.apiserver.validation.DriverValidation;
import io.jurumudi.apiserver.validation.FlowValidation;
import io.jurumudi.apiserver.validation.SmallKinds;
import io.jurumudi.apiserver.validation.StorageValidation;
import io.jurumudi.apiserver.validation.WorkloadValidation;
import io.jurumudi.machinery.apply.FieldSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Kinds about the cluster itself: scheduling, storage, policy, extension. */
public final class ClusterKinds {
  private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

  private ClusterKinds() {}

  public static List<Resource<?>> resources() {
    List<Resource<?>> all = new ArrayList<>();
    all.add(apiServices());
    all.add(autoscalers());
    all.add(disruptionBudgets());
    all.add(csiDrivers());
    all.add(
        Resource.of(Resources.CSINODES)
            .strategy(
                s ->
                    s.noUnconditionalUpdate()
                        .answersWithDeletedObject()
                        .validate(DriverValidation::node)
                        .validateUpdate(DriverValidation::nodeUpdate))
            .columns(
                Columns.framed(
                    n -> List.of((long) n.spec().drivers().size()), Column.number("Drivers")))
            .build());
    all.add(
        Resource.of(Resources.CSISTORAGECAPACITIES)
            .strategy(
                s ->
                    s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                        .noUnconditionalUpdate()
                        .validate(DriverValidation::capacity)
                        .validateUpdate(DriverValidation::capacityUpdate))
            .columns(Columns.plain())
            .build());
    all.add(storageClasses());
    all.add(volumeAttachments());
    all.add(
        Resource.of(Resources.VOLUMEATTRIBUTESCLASSES)
            .strategy(
                s ->
                    s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                        .answersWithDeletedObject()
                        .validate(DriverValidation::attributes)
                        .validateUpdate(DriverValidation::attributesUpdate))
            .columns(Columns.framed(c -> List.of(c.driverName()), Column.of("DriverName")))
            .build());
    all.addAll(AdmissionKinds.resources());
    all.add(Definitions.resource());
    all.add(priorityClasses());
    all.add(leases());
    all.add(runtimeClasses());
    all.add(
        Resource.of(Resources.DEVICECLASSES)
            .strategy(
                s ->
                    s.validateAlways(DeviceValidation::deviceClass)
                        .checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                        .countsGenerations()
                        .answersWithDeletedObject())
            .columns(Columns.nameAndAge())
            .build());
    all.add(
        Resource.of(Resources.RESOURCECLAIMS)
            .defaults(PolicyDefaults::claim)
            .strategy(
                s ->
                    s.validate(DeviceValidation::claim)
                        .resets("status", FieldSet.ofFields("metadata", "spec"))
                        .checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                        .answersWithDeletedObject()
                        .validateUpdate(DeviceValidation::claimUpdate))
            .columns(
                Columns.of(
                    (c, now) -> {
                      List<String> states = new ArrayList<>();
                      if (c.metadata().deletionTimestamp() != null) {
                        states.add("deleted");
                      }
                      states.add(c.status().allocation() == null ? "pending" : "allocated");
                      if (!c.status().reservedFor().isEmpty()) {
                        states.add("reserved");
                      }
                      return List.of(
                          c.metadata().name(), String.join(",", states), Cells.age(c, now));
                    },
                    Column.named(),
                    Column.of("State"),
                    Column.age()))
            .build());
    all.add(
        Resource.of(Resources.RESOURCECLAIMTEMPLATES)
            .defaults(PolicyDefaults::claimTemplate)
            .strategy(
                s ->
                    s.validate(DeviceValidation::template)
                        .checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                        .answersWithDeletedObject()
                        .validateUpdate(DeviceValidation::templateUpdate))
            .columns(Columns.nameAndAge())
            .build());
    all.add(
        Resource.of(Resources.RESOURCESLICES)
            .strategy(
                s ->
                    s.validate(DeviceValidation::slice)
                        .validateUpdate(DeviceValidation::sliceUpdate)
                        .countsGenerations()
                        .answersWithDeletedObject()
                        .selectableFields(
                            r ->
                                Map.of(
                                    "spec.nodeName",
                                    r.spec().nodeName() == null ? "" : r.spec().nodeName(),
                                    "spec.driver",
                                    r.spec().driver())))
            .columns(
                Columns.framed(
                    r ->
                        List.of(
                            Cells.orUnset(r.spec().nodeName()),
                            r.spec().driver(),
                            r.spec().pool().name()),
                    Column.of("Node"),
                    Column.of("Driver"),
                    Column.of("Pool")))
            .build());
    all.add(
        Resource.of(Resources.FLOWSCHEMAS)
            .defaults(PolicyDefaults::flowSchema)
            .strategy(
                s ->
                    s.checksOfUpdatedMetadata(MetadataChecks.STATE)
                        .resets("status", FieldSet.ofFields("metadata", "spec"))
                        .countsGenerations()
                        .validateAlways(FlowValidation::schema))
            .columns(
                Columns.of(
                    (f, now) ->
                        List.of(
                            f.metadata().name(),
                            f.spec().priorityLevelConfiguration().name(),
                            (long) f.spec().matchingPrecedence(),
                            f.spec().distinguisherMethod() == null
                                ? Cells.NONE
                                : f.spec().distinguisherMethod().type(),
                            Cells.age(f, now),
                            f.status().conditions().stream()
                                .filter(c -> c.type().equals("Dangling"))
                                .map(c -> c.status())
                                .findFirst()
                                .orElse("?")),
                    Column.named(),
                    Column.of("PriorityLevel"),
                    Column.of("MatchingPrecedence"),
                    Column.of("DistinguisherMethod"),
                    Column.age(),
                    Column.of("MissingPL")))
            .build());
    all.add(
        Resource.of(Resources.PRIORITYLEVELCONFIGURATIONS)
            .defaults(PolicyDefaults::priorityLevel)
            .strategy(
                s ->
                    s.checksOfUpdatedMetadata(MetadataChecks.STATE)
                        .resets("status", FieldSet.ofFields("metadata", "spec"))
                        .countsGenerations()
                        .validateAlways(FlowValidation::priorityLevel))
            .columns(
                Columns.of(
                    (p, now) -> {
                      var limited = p.spec().limited();
                      var queuing = limited == null ? null : limited.limitResponse().queuing();
                      return List.of(
                          p.metadata().name(),
                          p.spec().type(),
                          limited == null ? Cells.NONE : limited.nominalConcurrencyShares(),
                          queuing == null ? Cells.NONE : queuing.queues(),
                          queuing == null ? Cells.NONE : queuing.handSize(),
                          queuing == null ? Cells.NONE : queuing.queueLengthLimit(),
                          Cells.age(p, now));
                    },
                    Column.named(),
                    Column.of("Type"),
                    Column.of("NominalConcurrencyShares"),
                    Column.of("Queues"),
                    Column.of("HandSize"),
                    Column.of("QueueLengthLimit"),
                    Column.age()))
            .build());
    return List.copyOf(all);
  }

  /** A field of the feature VolumeLimitScaling, which is off. */
  private static CSIDriver withoutVolumeLimits(CSIDriver d) {
    return d.spec().preventPodSchedulingIfMissing() == null
        ? d
        : d.toBuilder()
            .spec(d.spec().toBuilder().preventPodSchedulingIfMissing(null).build())
            .build();
  }

  private static Resource<APIService> apiServices() {
    return Resource.of(Resources.APISERVICES)
        .storedAt("apiregistration.k8s.io/apiservices")
        .strategy(
            s ->
                s.onCreate(ClusterKinds::localAtOnce)
                    .resets("status", FieldSet.ofFields("metadata", "spec"))
                    .checksOfUpdatedMetadata(MetadataChecks.NONE)
                    .nameRule(NameRule.PATH_SEGMENT)
                    .noUnconditionalUpdate()
                    .validateAlways(ClusterValidation::apiService))
        .columns(
            Columns.of(
                (a, now) -> {
                  var service = a.spec().service();
                  String available = "Unknown";
                  for (var c : a.status().conditions()) {
                    if (c.type().equals("Available")) {
                      available =
                          c.status().equals("True") ? "True" : c.status() + " (" + c.reason() + ")";
                    }
                  }
                  return List.of(
                      a.metadata().name(),
                      service == null ? "Local" : service.namespace() + "/" + service.name(),
                      available,
                      Cells.age(a, now));
                },
                Column.named(),
                Column.of("Service"),
                Column.of("Available"),
                Column.age()))
        .build();
  }

  private static Resource<HorizontalPodAutoscaler> autoscalers() {
    return Resource.of(Resources.HORIZONTALPODAUTOSCALERS)
        .defaults(AutoscalerDefaults::autoscaler)
        .strategy(
            s -> s.validate(SmallKinds::autoscaler).validateUpdate(SmallKinds::autoscalerUpdate))
        .alsoServed(
            Resources.HORIZONTALPODAUTOSCALERS_V1,
            AutoscalerDefaults::autoscalerV1,
            Autoscalers::fromV1,
            Autoscalers::toV1)
        .columns(
            Columns.framed(
                h ->
                    List.of(
                        h.spec().scaleTargetRef().kind() + "/" + h.spec().scaleTargetRef().name(),
                        Autoscalers.metrics(h),
                        h.spec().minReplicas() == null
                            ? Cells.UNSET
                            : h.spec().minReplicas().toString(),
                        (long) h.spec().maxReplicas(),
                        (long) h.status().currentReplicas()),
                Column.of("Reference"),
                Column.of("Targets"),
                Column.of("MinPods"),
                Column.of("MaxPods"),
                Column.of("Replicas")))
        .build();
  }

  private static Resource<PodDisruptionBudget> disruptionBudgets() {
    return Resource.of(Resources.PODDISRUPTIONBUDGETS)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.NONE)
                    .countsGenerations()
                    .noUnconditionalUpdate()
                    .validateAlways(WorkloadValidation::budget))
        .columns(
            Columns.framed(
                p ->
                    List.of(
                        p.spec().minAvailable() == null
                            ? "N/A"
                            : p.spec().minAvailable().toString(),
                        p.spec().maxUnavailable() == null
                            ? "N/A"
                            : p.spec().maxUnavailable().toString(),
                        (long) p.status().disruptionsAllowed()),
                Column.of("Min Available"),
                Column.of("Max Unavailable"),
                Column.number("Allowed Disruptions")))
        .build();
  }

  private static Resource<CSIDriver> csiDrivers() {
    return Resource.of(Resources.CSIDRIVERS)
        .defaults(ClusterDefaults::csiDriver)
        .strategy(
            s ->
                s.countsGenerations()
                    .answersWithDeletedObject()
                    .validate(DriverValidation::driver)
                    .validateUpdate(DriverValidation::driverUpdate)
                    .startsWithoutGeneration()
                    .noUnconditionalUpdate()
                    .onCreate(ClusterKinds::withoutVolumeLimits)
                    .onUpdate(
                        (d, old) ->
                            old.spec().preventPodSchedulingIfMissing() == null
                                ? withoutVolumeLimits(d)
                                : d))
        .columns(
            Columns.framed(
                d ->
                    List.of(
                        !Boolean.FALSE.equals(d.spec().attachRequired()),
                        Boolean.TRUE.equals(d.spec().podInfoOnMount()),
                        Boolean.TRUE.equals(d.spec().storageCapacity()),
                        d.spec().tokenRequests().isEmpty()
                            ? Cells.UNSET
                            : String.join(
                                ",",
                                d.spec().tokenRequests().stream().map(t -> t.audience()).toList()),
                        Boolean.TRUE.equals(d.spec().requiresRepublish()),
                        Cells.orNone(String.join(",", d.spec().volumeLifecycleModes()))),
                Column.flag("AttachRequired"),
                Column.flag("PodInfoOnMount"),
                Column.flag("StorageCapacity"),
                Column.of("TokenRequests"),
                Column.flag("RequiresRepublish"),
                Column.of("Modes")))
        .build();
  }

  private static Resource<StorageClass> storageClasses() {
    return Resource.of(Resources.STORAGECLASSES)
        .defaults(ClusterDefaults::storageClass)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .answersWithDeletedObject()
                    .validate(StorageValidation::storageClass)
                    .validateUpdate(StorageValidation::storageClassUpdate))
        .columns(
            Columns.of(
                (c, now) ->
                    List.of(
                        c.metadata().name()
                            + ("true".equals(c.metadata().annotations().get(DEFAULT_CLASS))
                                ? " (default)"
                                : ""),
                        c.provisioner(),
                        c.reclaimPolicy() == null ? "Delete" : c.reclaimPolicy(),
                        c.volumeBindingMode() == null ? "Immediate" : c.volumeBindingMode(),
                        Boolean.TRUE.equals(c.allowVolumeExpansion()),
                        Cells.age(c, now)),
                Column.named(),
                Column.of("Provisioner"),
                Column.of("ReclaimPolicy"),
                Column.of("VolumeBindingMode"),
                Column.of("AllowVolumeExpansion"),
                Column.age()))
        .build();
  }

  private static Resource<VolumeAttachment> volumeAttachments() {
    return Resource.of(Resources.VOLUMEATTACHMENTS)
        .strategy(
            s ->
                s.resets("status", FieldSet.ofFields("metadata", "spec"))
                    .answersWithDeletedObject()
                    .noUnconditionalUpdate()
                    .validate(DriverValidation::attachment)
                    .validateUpdate(DriverValidation::attachmentUpdate))
        .columns(
            Columns.of(
                (v, now) -> {
                  String pv = v.spec().source().persistentVolumeName();
                  return List.of(
                      v.metadata().name(),
                      v.spec().attacher(),
                      pv == null ? "" : pv,
                      v.spec().nodeName(),
                      v.status().attached(),
                      Cells.age(v, now));
                },
                Column.named(),
                new Column("Attacher", "string", "name", 0),
                Column.of("PV"),
                Column.of("Node"),
                Column.flag("Attached"),
                Column.age()))
        .build();
  }

  private static Resource<PriorityClass> priorityClasses() {
    return Resource.of(Resources.PRIORITYCLASSES)
        .defaults(ClusterDefaults::priorityClass)
        .strategy(
            s ->
                s.countsGenerations()
                    .createOnUpdate()
                    .validate(AccessValidation::priorityClass)
                    .validateUpdate(AccessValidation::priorityClassUpdate))
        .columns(
            Columns.of(
                (p, now) ->
                    List.of(
                        p.metadata().name(),
                        (long) p.value(),
                        p.globalDefault(),
                        Cells.age(p, now),
                        p.preemptionPolicy() == null
                            ? "PreemptLowerPriority"
                            : p.preemptionPolicy()),
                Column.named(),
                Column.number("Value"),
                Column.flag("Global-Default"),
                Column.age(),
                Column.of("PreemptionPolicy")))
        .build();
  }

  private static Resource<Lease> leases() {
    return Resource.of(Resources.LEASES)
        .strategy(s -> s.createOnUpdate().noUnconditionalUpdate())
        .columns(
            Columns.framed(
                l -> List.of(l.spec().holderIdentity() == null ? "" : l.spec().holderIdentity()),
                Column.of("Holder")))
        .build();
  }

  private static Resource<RuntimeClass> runtimeClasses() {
    return Resource.of(Resources.RUNTIMECLASSES)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .noUnconditionalUpdate()
                    .validate(SmallKinds::runtimeClass))
        .columns(Columns.framed(r -> List.of(r.handler()), Column.of("Handler")))
        .build();
  }

  /** What this server itself serves is there as soon as it is known. */
  private static APIService localAtOnce(APIService api) {
    if (api.spec().service() != null) {
      return api;
    }
    APIServiceCondition available =
        APIServiceCondition.builder()
            .type("Available")
            .status("True")
            .lastTransitionTime(api.metadata().creationTimestamp())
            .reason("Local")
            .message("Local APIServices are always available")
            .build();
    return api.toBuilder()
        .status(api.status().toBuilder().conditions(List.of(available)).build())
        .build();
  }
}
