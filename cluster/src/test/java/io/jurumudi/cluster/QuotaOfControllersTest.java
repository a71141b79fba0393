package io.jurumudi.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.client.Client;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Controllers that want more pods than a quota grants: they say so, and go on when they may. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuotaOfControllersTest {
  private static final int GRANTED = 3;
  private static final Map<String, String> LABELS = Map.of("app", "web");

  private final Cluster cluster;
  private final Client client;

  QuotaOfControllersTest() throws IOException {
    cluster = Cluster.start(ClusterConfig.inMemory("quota"));
    client = cluster.admin();
  }

  @AfterAll
  void close() {
    cluster.close();
  }

  @Test
  void aReplicationControllerTellsOfItsFailureUntilItFits() throws Exception {
    grant("older", "pods", GRANTED);
    var controllers = client.resource(Resources.REPLICATIONCONTROLLERS);
    controllers.create(
        ReplicationController.builder()
            .metadata(m -> m.namespace("older").name("web"))
            .spec(s -> s.replicas(GRANTED + 2).selector(LABELS).template(template()))
            .build());
    Wait.until(
        "the refusal is told",
        () ->
            controllers.get("older", "web").status().conditions().stream()
                .anyMatch(
                    c ->
                        c.type().equals("ReplicaFailure")
                            && c.reason().equals("FailedCreate")
                            && c.message().contains("exceeded quota: pods")));
    assertThat(pods("older")).isEqualTo(GRANTED);
    controllers.edit("older", "web", c -> c.toBuilder().spec(s -> s.replicas(GRANTED)).build());
    Wait.until("it fits", () -> controllers.get("older", "web").status().conditions().isEmpty());
  }

  @Test
  void aDeploymentGoesOnWhenTheQuotaGrantsMore() throws Exception {
    grant("newer", "pods", GRANTED);
    var deployments = client.resource(Resources.DEPLOYMENTS);
    deployments.create(deployment("newer"));
    Wait.until(
        "the refusal is told",
        () ->
            deployments.get("newer", "web").status().conditions().stream()
                .anyMatch(c -> c.type().equals("ReplicaFailure")));
    assertThat(pods("newer")).isEqualTo(GRANTED);
    client.resource(Resources.RESOURCEQUOTAS).delete("newer", "pods");
    Wait.until("all are there", () -> pods("newer") == GRANTED + 2);
    Wait.until(
        "the failure is over",
        () ->
            deployments.get("newer", "web").status().conditions().stream()
                .noneMatch(c -> c.type().equals("ReplicaFailure")));
  }

  @Test
  void aDeploymentThatMayMakeNoReplicaSetSaysSo() throws Exception {
    grant("none", "count/replicasets.apps", 0);
    var deployments = client.resource(Resources.DEPLOYMENTS);
    deployments.create(deployment("none"));
    Wait.until(
        "the refusal is told",
        () ->
            deployments.get("none", "web").status().conditions().stream()
                .anyMatch(
                    c ->
                        c.type().equals("Progressing")
                            && c.status().equals("False")
                            && c.reason().equals("ReplicaSetCreateError")));
  }

  @Test
  void aDaemonSetTellsHowFarItCame() throws Exception {
    grant("daemons", "pods", 1);
    for (String name : List.of("one", "two")) {
      client.resource(Resources.NODES).create(Node.builder().metadata(m -> m.name(name)).build());
    }
    var sets = client.resource(Resources.DAEMONSETS);
    sets.create(
        DaemonSet.builder()
            .metadata(m -> m.namespace("daemons").name("web"))
            .spec(
                s ->
                    s.selector(x -> x.matchLabels(LABELS))
                        .template(
                            template().toBuilder()
                                .spec(
                                    p ->
                                        p.tolerations(
                                            List.of(
                                                Toleration.builder().operator("Exists").build())))
                                .build()))
            .build());
    Wait.until(
        "one of two is there",
        () -> {
          var status = sets.get("daemons", "web").status();
          return status.desiredNumberScheduled() == 2 && status.currentNumberScheduled() == 1;
        });
  }

  private static Deployment deployment(String namespace) {
    return Deployment.builder()
        .metadata(m -> m.namespace(namespace).name("web"))
        .spec(
            s -> s.replicas(GRANTED + 2).selector(x -> x.matchLabels(LABELS)).template(template()))
        .build();
  }

  private int pods(String namespace) {
    return client.resource(Resources.PODS).list(namespace).items().size();
  }

  private static PodTemplateSpec template() {
    return PodTemplateSpec.builder()
        .metadata(m -> m.labels(LABELS))
        .spec(p -> p.containers(List.of(Container.builder().name("web").image("web:1").build())))
        .build();
  }

  /** A namespace with a quota that is counted. */
  private void grant(String namespace, String what, int amount) throws Exception {
    client
        .resource(Resources.NAMESPACES)
        .create(Namespace.builder().metadata(m -> m.name(namespace)).build());
    var quotas = client.resource(Resources.RESOURCEQUOTAS);
    quotas.create(
        ResourceQuota.builder()
            .metadata(m -> m.namespace(namespace).name("pods"))
            .spec(s -> s.hard(Map.of(what, Quantity.of(amount))))
            .build());
    Wait.until(
        "the quota is counted",
        () -> quotas.get(namespace, "pods").status().used().containsKey(what));
  }
}
