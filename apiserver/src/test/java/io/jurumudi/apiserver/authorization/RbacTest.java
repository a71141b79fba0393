package io.jurumudi.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.authentication.MapObjects;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.errors.ApiException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Decisions over the roles that every cluster begins with. */
class RbacTest {
  private static final UserInfo JANE = new UserInfo("jane", "developers", "system:authenticated");
  private static final UserInfo NOBODY = new UserInfo("system:anonymous", "system:unauthenticated");

  private final MapObjects objects = new MapObjects();
  private final RbacIndex index = new RbacIndex(objects);
  private final RbacAuthorizer rbac = new RbacAuthorizer(index);
  private final NodePods pods = new NodePods(objects);
  private final Authorizer all =
      Authorizers.firstOf(List.of(Authorizers.MASTERS, new NodeAuthorizer(pods), rbac));

  RbacTest() {
    BootstrapRbac bootstrap = BootstrapRbac.load();
    bootstrap.clusterRoles().forEach(r -> objects.put(Resources.CLUSTERROLES, r));
    bootstrap.roles().forEach(r -> objects.put(Resources.ROLES, r));
    bootstrap.clusterRoleBindings().forEach(b -> objects.put(Resources.CLUSTERROLEBINDINGS, b));
    bootstrap.roleBindings().forEach(b -> objects.put(Resources.ROLEBINDINGS, b));
  }

  private Decision resource(
      UserInfo user, String verb, String namespace, String resource, String name) {
    String[] parts = resource.split("/", 2);
    String group = parts[0].equals("core") ? "" : parts[0];
    String[] names = parts[1].split("/", 2);
    return all.authorize(
        Attributes.ofResource(
            user, verb, namespace, group, "v1", names[0], names.length > 1 ? names[1] : "", name));
  }

  private void bind(String namespace, String name, String kind, String role, Subject subject) {
    objects.put(
        Resources.ROLEBINDINGS,
        RoleBinding.builder()
            .metadata(ObjectMeta.builder().namespace(namespace).name(name).build())
            .roleRef(
                RoleRef.builder()
                    .apiGroup("rbac.authorization.k8s.io")
                    .kind(kind)
                    .name(role)
                    .build())
            .subjects(List.of(subject))
            .build());
  }

  private static Subject group(String name) {
    return Subject.builder().kind("Group").name(name).build();
  }

  @Test
  void theDefaultsAreUpstreams() {
    BootstrapRbac bootstrap = BootstrapRbac.load();
    assertThat(bootstrap.clusterRoles()).hasSize(69);
    assertThat(bootstrap.roles()).hasSize(7);
    assertThat(bootstrap.clusterRoleBindings()).hasSize(50);
    assertThat(bootstrap.roleBindings()).hasSize(7);
    assertThat(resource(new UserInfo("admin", "system:masters"), "delete", "", "core/nodes", "n"))
        .isEqualTo(Decision.allow(""));
    assertThat(all.authorize(Attributes.ofPath(NOBODY, "get", "/livez")).allowed()).isTrue();
    assertThat(all.authorize(Attributes.ofPath(NOBODY, "get", "/apis")).allowed()).isFalse();
    assertThat(all.authorize(Attributes.ofPath(JANE, "get", "/apis/apps/v1")).reason())
        .isEqualTo(
            "RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole"
                + " \"system:discovery\" to Group \"system:authenticated\"");
    UserInfo scheduler = new UserInfo("system:kube-scheduler", "system:authenticated");
    assertThat(resource(scheduler, "create", "default", "core/pods/binding", "p").allowed())
        .isTrue();
    assertThat(resource(scheduler, "create", "default", "core/secrets", "s").allowed()).isFalse();
    assertThat(
            resource(
                    new UserInfo("system:serviceaccount:kube-system:deployment-controller"),
                    "create",
                    "default",
                    "apps/replicasets",
                    "")
                .allowed())
        .isTrue();
  }

  @Test
  void bindingsInANamespaceGiveAggregatedRolesThereOnly() {
    assertThat(resource(JANE, "create", "dev", "apps/deployments", "").allowed()).isFalse();
    bind("dev", "developers", "ClusterRole", "edit", group("developers"));
    assertThat(resource(JANE, "create", "dev", "apps/deployments", "").reason())
        .isEqualTo(
            "RBAC: allowed by RoleBinding \"developers/dev\" of ClusterRole \"edit\" to Group"
                + " \"developers\"");
    assertThat(resource(JANE, "get", "dev", "core/pods/log", "p").allowed()).isTrue();
    assertThat(resource(JANE, "create", "prod", "apps/deployments", "").allowed()).isFalse();
    assertThat(resource(JANE, "list", "", "core/pods", "").allowed()).isFalse();
    assertThat(resource(JANE, "create", "dev", "example.com/widgets", "").allowed()).isFalse();
    ClusterRole widgets =
        ClusterRole.builder()
            .metadata(
                ObjectMeta.builder()
                    .name("widgets")
                    .labels(Map.of("rbac.authorization.k8s.io/aggregate-to-edit", "true"))
                    .build())
            .rules(
                List.of(
                    PolicyRule.builder()
                        .verbs(List.of("*"))
                        .apiGroups(List.of("example.com"))
                        .resources(List.of("widgets", "*/scale"))
                        .resourceNames(List.of("a"))
                        .build()))
            .build();
    objects.put(Resources.CLUSTERROLES, widgets);
    assertThat(resource(JANE, "get", "dev", "example.com/widgets", "a").allowed()).isTrue();
    assertThat(resource(JANE, "get", "dev", "example.com/gadgets/scale", "a").allowed()).isTrue();
    assertThat(resource(JANE, "get", "dev", "example.com/widgets", "b").allowed()).isFalse();
    objects.remove(Resources.CLUSTERROLES, widgets);
    assertThat(resource(JANE, "get", "dev", "example.com/widgets", "a").allowed()).isFalse();
  }

  @Test
  void removedBindingsAndMissingRolesGiveNothing() {
    bind("dev", "ghost", "Role", "nothing", group("developers"));
    assertThat(resource(JANE, "get", "dev", "core/pods", "p"))
        .isEqualTo(
            Decision.noOpinion("RBAC: role.rbac.authorization.k8s.io \"nothing\" not found"));
    bind("dev", "ghost", "ClusterRole", "view", group("developers"));
    assertThat(resource(JANE, "get", "dev", "core/pods", "p").allowed()).isTrue();
    objects.remove(
        Resources.ROLEBINDINGS, objects.find(Resources.ROLEBINDINGS, "dev", "ghost").orElseThrow());
    assertThat(resource(JANE, "get", "dev", "core/pods", "p").allowed()).isFalse();
  }

  @Test
  void nodesReadWhatTheirPodsReferTo() {
    UserInfo node = new UserInfo("system:node:n1", "system:nodes", "system:authenticated");
    Pod pod =
        Pod.builder()
            .metadata(ObjectMeta.builder().namespace("dev").name("web").build())
            .spec(
                s ->
                    s.nodeName("n1")
                        .serviceAccountName("builder")
                        .volumes(
                            List.of(
                                io.jurumudi.api.core.v1.Volume.builder()
                                    .name("v")
                                    .secret(v -> v.secretName("tls"))
                                    .build())))
            .build();
    assertThat(resource(node, "get", "dev", "core/secrets", "tls").allowed()).isFalse();
    objects.put(Resources.PODS, pod);
    assertThat(resource(node, "get", "dev", "core/secrets", "tls").allowed()).isTrue();
    assertThat(resource(node, "get", "dev", "core/secrets", "other").reason())
        .isEqualTo("no relationship found between node 'n1' and this object");
    assertThat(resource(node, "list", "dev", "core/secrets", "").allowed()).isFalse();
    assertThat(resource(node, "get", "dev", "core/pods", "web").allowed()).isTrue();
    assertThat(resource(node, "create", "dev", "core/serviceaccounts/token", "builder").allowed())
        .isTrue();
    assertThat(resource(node, "create", "dev", "core/serviceaccounts/token", "admin").allowed())
        .isFalse();
    assertThat(resource(node, "get", "", "core/nodes", "n1").allowed()).isTrue();
    assertThat(resource(node, "get", "", "core/nodes", "n2").allowed()).isFalse();
    assertThat(
            resource(node, "update", "kube-node-lease", "coordination.k8s.io/leases", "n1")
                .allowed())
        .isTrue();
    assertThat(
            resource(node, "update", "kube-node-lease", "coordination.k8s.io/leases", "n2")
                .allowed())
        .isFalse();
    assertThat(resource(node, "create", "dev", "core/events", "").allowed()).isTrue();
    objects.remove(Resources.PODS, pod);
    assertThat(resource(node, "get", "dev", "core/secrets", "tls").allowed()).isFalse();
  }

  @Test
  void nobodyGivesMoreThanHeHas() {
    Escalation escalation = new Escalation(rbac, index, all);
    bind("dev", "admins", "ClusterRole", "admin", group("developers"));
    List<PolicyRule> pods =
        List.of(
            PolicyRule.builder()
                .verbs(List.of("get", "list"))
                .apiGroups(List.of(""))
                .resources(List.of("pods", "pods/log"))
                .build());
    escalation.checkRole(JANE, Resources.ROLES, "dev", "readers", pods);
    List<PolicyRule> everything =
        List.of(
            PolicyRule.builder()
                .verbs(List.of("*"))
                .apiGroups(List.of("*"))
                .resources(List.of("*"))
                .build());
    assertThatThrownBy(() -> escalation.checkRole(JANE, Resources.ROLES, "dev", "gods", everything))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.isForbidden()).isTrue();
              assertThat(e.getMessage())
                  .contains("is attempting to grant RBAC permissions not currently held:")
                  .contains("{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}");
            });
    RoleRef clusterAdmin = RoleRef.builder().kind("ClusterRole").name("cluster-admin").build();
    assertThatThrownBy(
            () -> escalation.checkBinding(JANE, Resources.ROLEBINDINGS, "dev", "b", clusterAdmin))
        .isInstanceOf(ApiException.class);
    escalation.checkBinding(
        new UserInfo("root", "system:masters"), Resources.ROLEBINDINGS, "dev", "b", clusterAdmin);
    RoleRef view = RoleRef.builder().kind("ClusterRole").name("view").build();
    escalation.checkBinding(JANE, Resources.ROLEBINDINGS, "dev", "b", view);
  }

  private static AdmissionRequest write(
      AdmissionRequest.Operation operation,
      ResourceType<?> type,
      String namespace,
      String name,
      UserInfo user,
      @Nullable KubernetesObject<?> old) {
    return new AdmissionRequest(operation, type, "", namespace, name, user, false, old);
  }

  @Test
  void kubeletsWriteTheirOwnObjectsOnly() {
    NodeRestriction restriction = new NodeRestriction(objects);
    UserInfo n1 = new UserInfo("system:node:n1", "system:nodes");
    Node node = Node.builder().metadata(ObjectMeta.builder().name("n2").build()).build();
    Node own = Node.builder().metadata(ObjectMeta.builder().name("n1").build()).build();
    Pod pod =
        Pod.builder()
            .metadata(ObjectMeta.builder().namespace("dev").name("web").uid("u").build())
            .spec(s -> s.nodeName("n2"))
            .build();
    var update = AdmissionRequest.Operation.UPDATE;
    var create = AdmissionRequest.Operation.CREATE;
    restriction.validate(write(create, Resources.NODES, "", "n1", n1, null), own);
    assertThatThrownBy(
            () -> restriction.validate(write(update, Resources.NODES, "", "n2", n1, node), node))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("is not allowed to modify node \"n2\"");
    assertThatThrownBy(
            () -> restriction.validate(write(update, Resources.PODS, "dev", "web", n1, pod), pod))
        .hasMessageContaining("spec.nodeName set to itself");
    assertThatThrownBy(
            () -> restriction.validate(write(create, Resources.PODS, "dev", "web", n1, null), pod))
        .hasMessageContaining("mirror pods");
    objects.put(Resources.PODS, pod);
    assertThatThrownBy(() -> restriction.checkToken(n1, "dev", "a", TokenRequest.EMPTY))
        .hasMessageContaining("not bound to a pod");
    assertThatThrownBy(() -> restriction.checkEviction(n1, "dev", "web"))
        .isInstanceOf(ApiException.class);
    restriction.validate(write(update, Resources.NODES, "", "n2", JANE, node), node);
  }
}
