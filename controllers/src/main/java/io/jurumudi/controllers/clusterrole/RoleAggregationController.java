package io.jurumudi.controllers.clusterrole;

import io.jurumudi.api.Resources;
import io.jurumudi.api.rbac.v1.AggregationRule;
import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes into ClusterRoles with an aggregation rule the rules of those that it selects. */
public final class RoleAggregationController implements AutoCloseable {
  private final Resource<ClusterRole> client;
  private final Informer<ClusterRole> roles;
  private final Controller<String> controller;

  public RoleAggregationController(ControllerContext context) {
    client = context.client().resource(Resources.CLUSTERROLES);
    roles = context.informers().informer(Resources.CLUSTERROLES);
    controller = new Controller<>("clusterrole-aggregation", this::reconcile, 1, context.clock());
    // Any change may concern any of the few that aggregate: labels go as well as come.
    roles.addHandler(
        EventHandler.of(
            changed ->
                roles.list().stream()
                    .filter(role -> role.aggregationRule() != null)
                    .forEach(role -> controller.enqueue(role.metadata().name()))));
  }

  public void start() {
    controller.start(roles);
  }

  private Result reconcile(String name) {
    Optional<ClusterRole> found = roles.get("", name);
    AggregationRule rule = found.map(ClusterRole::aggregationRule).orElse(null);
    if (found.isEmpty() || rule == null) {
      return Result.done();
    }
    List<PolicyRule> rules = List.copyOf(gathered(name, rule));
    if (!rules.equals(found.get().rules())) {
      try {
        client.update(found.get().toBuilder().rules(rules).build());
      } catch (ApiException e) {
        if (e.code() != 404) {
          throw e;
        }
      }
    }
    return Result.done();
  }

  /** In the order of the selectors, then of the roles' names; each rule once. */
  private Set<PolicyRule> gathered(String name, AggregationRule rule) {
    Set<PolicyRule> rules = new LinkedHashSet<>();
    List<ClusterRole> sorted =
        roles.list().stream()
            .sorted(Comparator.comparing((ClusterRole r) -> r.metadata().name()))
            .toList();
    for (var wanted : rule.clusterRoleSelectors()) {
      var selector = LabelSelectors.of(wanted);
      for (ClusterRole role : sorted) {
        if (!role.metadata().name().equals(name) && selector.matches(role.metadata().labels())) {
          rules.addAll(role.rules());
        }
      }
    }
    return rules;
  }

  @Override
  public void close() {
    controller.close();
  }
}
