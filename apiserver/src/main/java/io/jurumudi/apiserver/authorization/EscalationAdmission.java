package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.Role;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks {@link Escalation} before roles and bindings are written that give something new. */
public final class EscalationAdmission implements Admission {
  private static final List<PolicyRule> EVERYTHING =
      List.of(
          PolicyRule.builder()
              .verbs(List.of("*"))
              .apiGroups(List.of("*"))
              .resources(List.of("*"))
              .build(),
          PolicyRule.builder().verbs(List.of("*")).nonResourceURLs(List.of("*")).build());

  private final Escalation escalation;

  public EscalationAdmission(Escalation escalation) {
    this.escalation = escalation;
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    switch (object) {
      case Role role -> {
        if (!(request.old() instanceof Role old && old.rules().equals(role.rules()))) {
          checkRole(request, role.metadata().name(), role.rules());
        }
      }
      case ClusterRole role -> {
        boolean same =
            request.old() instanceof ClusterRole old
                && old.rules().equals(role.rules())
                && java.util.Objects.equals(old.aggregationRule(), role.aggregationRule());
        if (!same) {
          List<PolicyRule> rules = new ArrayList<>(role.rules());
          if (role.aggregationRule() != null) {
            // What it will collect nobody knows: only who may do everything may write it.
            rules.addAll(EVERYTHING);
          }
          checkRole(request, role.metadata().name(), rules);
        }
      }
      case RoleBinding binding -> {
        boolean same =
            request.old() instanceof RoleBinding old
                && old.roleRef().equals(binding.roleRef())
                && old.subjects().equals(binding.subjects());
        if (!same) {
          escalation.checkBinding(
              request.user(),
              request.type(),
              request.namespace(),
              binding.metadata().name(),
              binding.roleRef());
        }
      }
      case ClusterRoleBinding binding -> {
        boolean same =
            request.old() instanceof ClusterRoleBinding old
                && old.roleRef().equals(binding.roleRef())
                && old.subjects().equals(binding.subjects());
        if (!same) {
          escalation.checkBinding(
              request.user(), request.type(), "", binding.metadata().name(), binding.roleRef());
        }
      }
      case null, default -> {
        // Gives no rights.
      }
    }
  }

  private void checkRole(AdmissionRequest request, String name, List<PolicyRule> rules) {
    escalation.checkRole(request.user(), request.type(), request.namespace(), name, rules);
  }
}
