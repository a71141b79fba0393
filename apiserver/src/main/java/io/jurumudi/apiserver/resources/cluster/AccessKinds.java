package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.Role;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.defaults.ClusterDefaults;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.AccessValidation;
import io.jurumudi.apiserver.validation.SmallKinds;
import io.jurumudi.machinery.apply.FieldSet;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** RBAC and certificates. */
public final class AccessKinds {
  private AccessKinds() {}

  public static List<Resource<?>> resources(InstantSource clock) {
    return List.of(
        signingRequests(clock), clusterRoleBindings(), clusterRoles(), roleBindings(), roles());
  }

  private static Resource<Role> roles() {
    return Resource.of(Resources.ROLES)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .nameRule(NameRule.PATH_SEGMENT)
                    .createOnUpdate()
                    .validateAlways(r -> AccessValidation.rules(r.rules(), true)))
        .build();
  }

  private static Resource<ClusterRole> clusterRoles() {
    return Resource.of(Resources.CLUSTERROLES)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .nameRule(NameRule.PATH_SEGMENT)
                    .createOnUpdate()
                    .validateAlways(AccessValidation::clusterRole))
        .build();
  }

  private static Resource<RoleBinding> roleBindings() {
    return Resource.of(Resources.ROLEBINDINGS)
        .defaults(ClusterDefaults::roleBinding)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .nameRule(NameRule.PATH_SEGMENT)
                    .createOnUpdate()
                    .validate(b -> AccessValidation.binding(b.roleRef(), b.subjects(), true))
                    .validateUpdate(
                        (b, old) ->
                            AccessValidation.bindingUpdate(
                                b.roleRef(), old.roleRef(), b.subjects(), true)))
        .columns(bindings(b -> b.roleRef(), b -> b.subjects()))
        .build();
  }

  private static Resource<ClusterRoleBinding> clusterRoleBindings() {
    return Resource.of(Resources.CLUSTERROLEBINDINGS)
        .defaults(ClusterDefaults::clusterRoleBinding)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .nameRule(NameRule.PATH_SEGMENT)
                    .createOnUpdate()
                    .validate(b -> AccessValidation.binding(b.roleRef(), b.subjects(), false))
                    .validateUpdate(
                        (b, old) ->
                            AccessValidation.bindingUpdate(
                                b.roleRef(), old.roleRef(), b.subjects(), false)))
        .columns(bindings(b -> b.roleRef(), b -> b.subjects()))
        .build();
  }

  private static <B extends KubernetesObject<B>> Columns<B> bindings(
      Function<B, RoleRef> role, Function<B, List<Subject>> subjects) {
    return Columns.of(
        (b, now) ->
            List.of(
                b.metadata().name(),
                role.apply(b).kind() + "/" + role.apply(b).name(),
                Cells.age(b, now),
                subjects(subjects.apply(b), "User"),
                subjects(subjects.apply(b), "Group"),
                subjects(subjects.apply(b), "ServiceAccount")),
        Column.named(),
        Column.of("Role"),
        Column.age(),
        Column.wide("Users"),
        Column.wide("Groups"),
        Column.wide("ServiceAccounts"));
  }

  private static String subjects(List<Subject> subjects, String kind) {
    return subjects.stream()
        .filter(s -> s.kind().equals(kind))
        .map(s -> kind.equals("ServiceAccount") ? s.namespace() + "/" + s.name() : s.name())
        .collect(Collectors.joining(", "));
  }

  private static Resource<CertificateSigningRequest> signingRequests(InstantSource clock) {
    SigningRequests changes = new SigningRequests(clock);
    return Resource.of(Resources.CERTIFICATESIGNINGREQUESTS)
        .strategy(
            s ->
                s.resets("", FieldSet.ofFields("spec", "status"))
                    .resets("status", FieldSet.ofFields("spec", "status.conditions"))
                    .resets("approval", FieldSet.ofFields("spec", "status.certificate"))
                    .checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .nameRule(NameRule.PATH_SEGMENT)
                    .validate(SmallKinds::signingRequest)
                    .onUpdate((r, old) -> r.toBuilder().spec(old.spec()).build())
                    .onStatusUpdate(changes::prepareStatus)
                    .validateStatus(SigningRequests::validateStatus)
                    .selectableFields(r -> Map.of("spec.signerName", r.spec().signerName())))
        .update("approval", changes.approval())
        .columns(
            Columns.of(
                (r, now) -> {
                  Integer seconds = r.spec().expirationSeconds();
                  return List.of(
                      r.metadata().name(),
                      Cells.age(r, now),
                      Cells.orNone(r.spec().signerName()),
                      r.spec().username(),
                      seconds == null ? Cells.NONE : Cells.duration(Duration.ofSeconds(seconds)),
                      condition(r));
                },
                Column.named(),
                Column.age(),
                Column.of("SignerName"),
                Column.of("Requestor"),
                Column.of("RequestedDuration"),
                Column.of("Condition")))
        .build();
  }

  private static String condition(CertificateSigningRequest r) {
    boolean denied = r.status().conditions().stream().anyMatch(c -> c.type().equals("Denied"));
    boolean approved = r.status().conditions().stream().anyMatch(c -> c.type().equals("Approved"));
    boolean failed = r.status().conditions().stream().anyMatch(c -> c.type().equals("Failed"));
    return (denied ? "Denied" : approved ? "Approved" : "Pending")
        + (failed ? ",Failed" : "")
        + (r.status().certificate().isEmpty() ? "" : ",Issued");
  }
}
