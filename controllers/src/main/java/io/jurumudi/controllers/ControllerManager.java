package io.jurumudi.controllers;

import io.jurumudi.controllers.certificates.CertificateController;
import io.jurumudi.controllers.certificates.CertificateSigner;
import io.jurumudi.controllers.clusterrole.RoleAggregationController;
import io.jurumudi.controllers.cronjob.CronJobController;
import io.jurumudi.controllers.daemonset.DaemonSetController;
import io.jurumudi.controllers.deployment.DeploymentController;
import io.jurumudi.controllers.disruption.DisruptionController;
import io.jurumudi.controllers.endpoints.EndpointsController;
import io.jurumudi.controllers.endpoints.MirrorController;
import io.jurumudi.controllers.garbage.GarbageCollector;
import io.jurumudi.controllers.job.FinishedJobController;
import io.jurumudi.controllers.job.JobController;
import io.jurumudi.controllers.namespace.NamespaceController;
import io.jurumudi.controllers.node.NodeLifecycleController;
import io.jurumudi.controllers.node.TaintEvictionController;
import io.jurumudi.controllers.nodeipam.NodeIpamController;
import io.jurumudi.controllers.podgc.PodGarbageController;
import io.jurumudi.controllers.quota.QuotaController;
import io.jurumudi.controllers.replicaset.ReplicaSetController;
import io.jurumudi.controllers.serviceaccount.ServiceAccountController;
import io.jurumudi.controllers.serviceaccount.TokenSecretController;
import io.jurumudi.controllers.servicecidr.ServiceCidrController;
import io.jurumudi.controllers.statefulset.StatefulSetController;
import io.jurumudi.controllers.volume.EphemeralVolumeController;
import io.jurumudi.controllers.volume.LocalProvisioner;
import io.jurumudi.controllers.volume.ProtectionController;
import io.jurumudi.controllers.volume.VolumeBinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** All controllers of a cluster, started and ended together. */
public final class ControllerManager implements AutoCloseable {
  private final List<AutoCloseable> running = new ArrayList<>();
  private final List<Runnable> starts = new ArrayList<>();

  private ControllerManager() {}

  /**
   * @param rootCaPem what pods check the API server's certificate with
   * @param signer signs nodes' certificates
   * @param podCidr the cluster's range of pod addresses, a /16
   * @param volumes where nodes keep the directories of volumes that are made for claims; empty:
   *     none are made
   */
  public static ControllerManager start(
      ControllerContext context,
      String rootCaPem,
      CertificateSigner signer,
      String podCidr,
      Optional<Path> volumes) {
    ControllerManager manager = new ControllerManager();
    CustomKinds custom = new CustomKinds(context.informers());
    manager.add(new ServiceAccountController(context, rootCaPem), ServiceAccountController::start);
    manager.add(ReplicaSetController.ofReplicaSets(context), ReplicaSetController::start);
    manager.add(
        ReplicaSetController.ofReplicationControllers(context), ReplicaSetController::start);
    manager.add(new DeploymentController(context), DeploymentController::start);
    manager.add(new DaemonSetController(context), DaemonSetController::start);
    manager.add(new StatefulSetController(context), StatefulSetController::start);
    manager.add(new JobController(context), JobController::start);
    manager.add(new FinishedJobController(context), FinishedJobController::start);
    manager.add(new CronJobController(context), CronJobController::start);
    manager.add(new DisruptionController(context), DisruptionController::start);
    manager.add(new MirrorController(context), MirrorController::start);
    manager.add(new QuotaController(context, custom), QuotaController::start);
    manager.add(new EndpointsController(context), EndpointsController::start);
    manager.add(new NamespaceController(context, custom), NamespaceController::start);
    manager.add(new GarbageCollector(context, custom), GarbageCollector::start);
    manager.add(new NodeLifecycleController(context), NodeLifecycleController::start);
    manager.add(new TaintEvictionController(context), TaintEvictionController::start);
    manager.add(new PodGarbageController(context), PodGarbageController::start);
    manager.add(new CertificateController(context, signer), CertificateController::start);
    manager.add(new NodeIpamController(context, podCidr), NodeIpamController::start);
    manager.add(new VolumeBinder(context), VolumeBinder::start);
    manager.add(ProtectionController.ofClaims(context), ProtectionController::start);
    manager.add(ProtectionController.ofVolumes(context), ProtectionController::start);
    manager.add(ProtectionController.ofAttributeClasses(context), ProtectionController::start);
    manager.add(new EphemeralVolumeController(context), EphemeralVolumeController::start);
    manager.add(new TokenSecretController(context, rootCaPem), TokenSecretController::start);
    manager.add(new RoleAggregationController(context), RoleAggregationController::start);
    manager.add(new ServiceCidrController(context), ServiceCidrController::start);
    volumes.ifPresent(
        directory ->
            manager.add(new LocalProvisioner(context, directory), LocalProvisioner::start));
    // Handlers are in place: what the informers bring from here on reaches all of them.
    context.informers().start();
    manager.starts.forEach(Runnable::run);
    return manager;
  }

  private <T extends AutoCloseable> void add(T controller, Consumer<T> start) {
    running.add(controller);
    starts.add(() -> start.accept(controller));
  }

  @Override
  public void close() {
    for (AutoCloseable controller : running.reversed()) {
      try {
        controller.close();
      } catch (Exception e) {
        throw new IllegalStateException("a controller did not close", e);
      }
    }
  }
}
