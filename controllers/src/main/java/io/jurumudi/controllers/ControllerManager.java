package io.jurumudi.controllers;

import io.jurumudi.controllers.certificates.CertificateController;
import io.jurumudi.controllers.certificates.CertificateSigner;
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
import io.jurumudi.controllers.statefulset.StatefulSetController;
import io.jurumudi.controllers.volume.ProtectionController;
import io.jurumudi.controllers.volume.VolumeBinder;
import java.util.ArrayList;
import java.util.List;

/** All controllers of a cluster, started and ended together. */
public final class ControllerManager implements AutoCloseable {
  private final List<AutoCloseable> running = new ArrayList<>();

  private ControllerManager() {}

  /**
   * @param rootCaPem what pods check the API server's certificate with
   * @param signer signs nodes' certificates
   * @param podCidr the cluster's range of pod addresses, a /16
   */
  public static ControllerManager start(
      ControllerContext context, String rootCaPem, CertificateSigner signer, String podCidr) {
    ControllerManager manager = new ControllerManager();
    var serviceAccounts = manager.add(new ServiceAccountController(context, rootCaPem));
    var replicaSets = manager.add(ReplicaSetController.ofReplicaSets(context));
    var replicationControllers =
        manager.add(ReplicaSetController.ofReplicationControllers(context));
    var deployments = manager.add(new DeploymentController(context));
    var daemonSets = manager.add(new DaemonSetController(context));
    var statefulSets = manager.add(new StatefulSetController(context));
    var jobs = manager.add(new JobController(context));
    var finishedJobs = manager.add(new FinishedJobController(context));
    var cronJobs = manager.add(new CronJobController(context));
    var disruption = manager.add(new DisruptionController(context));
    var mirrors = manager.add(new MirrorController(context));
    var quotas = manager.add(new QuotaController(context));
    var endpoints = manager.add(new EndpointsController(context));
    var namespaces = manager.add(new NamespaceController(context));
    var garbage = manager.add(new GarbageCollector(context));
    var nodes = manager.add(new NodeLifecycleController(context));
    var taints = manager.add(new TaintEvictionController(context));
    var pods = manager.add(new PodGarbageController(context));
    var certificates = manager.add(new CertificateController(context, signer));
    var nodeIpam = manager.add(new NodeIpamController(context, podCidr));
    var binder = manager.add(new VolumeBinder(context));
    var claimProtection = manager.add(ProtectionController.ofClaims(context));
    var volumeProtection = manager.add(ProtectionController.ofVolumes(context));
    var attributesProtection = manager.add(ProtectionController.ofAttributeClasses(context));
    // Handlers are in place: what the informers bring from here on reaches all of them.
    context.informers().start();
    serviceAccounts.start();
    replicaSets.start();
    replicationControllers.start();
    deployments.start();
    daemonSets.start();
    statefulSets.start();
    jobs.start();
    finishedJobs.start();
    cronJobs.start();
    disruption.start();
    mirrors.start();
    quotas.start();
    endpoints.start();
    namespaces.start();
    garbage.start();
    nodes.start();
    taints.start();
    pods.start();
    certificates.start();
    nodeIpam.start();
    binder.start();
    claimProtection.start();
    volumeProtection.start();
    attributesProtection.start();
    return manager;
  }

  private <T extends AutoCloseable> T add(T controller) {
    running.add(controller);
    return controller;
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
