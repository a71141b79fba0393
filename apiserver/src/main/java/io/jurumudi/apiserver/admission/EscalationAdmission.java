package io.jurumudi.apiserver.admission;

import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.Role;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authorization.Escalation;
import org.jspecify.annotations.Nullable;

/** Nobody gives away rights that he does not have. */
public final class EscalationAdmission implements Admission {
  private final Escalation escalation;

  public EscalationAdmission(Escalation escalation) {
    this.escalation = escalation;
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    KubernetesObject<?> old = request.old();
    switch (object) {
      case Role role when !(old instanceof Role o && o.rules().equals(role.rules())) ->
          escalation.checkRole(
              request.user(), request.type(), request.namespace(), request.name(), role.rules());
      case ClusterRole role
          when !(old instanceof ClusterRole o
              && o.rules().equals(role.rules())
              && java.util.Objects.equals(o.aggregationRule(), role.aggregationRule())) ->
          escalation.checkRole(request.user(), request.type(), "", request.name(), role.rules());
      case RoleBinding binding
          when !(old instanceof RoleBinding o && o.subjects().equals(binding.subjects())) ->
          escalation.checkBinding(
              request.user(),
              request.type(),
              request.namespace(),
              request.name(),
              binding.roleRef());
      case ClusterRoleBinding binding
          when !(old instanceof ClusterRoleBinding o && o.subjects().equals(binding.subjects())) ->
          escalation.checkBinding(
              request.user(), request.type(), "", request.name(), binding.roleRef());
      case null, default -> {}
    }
  }
}
