package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.ParamRef;
import io.jurumudi.apiserver.defaults.PolicyDefaults;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.PolicyValidation;
import io.jurumudi.apiserver.validation.WebhookValidation;
import io.jurumudi.machinery.apply.FieldSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has a word in admission: policies, their bindings, and webhooks. */
final class AdmissionKinds {
  private AdmissionKinds() {}

  static List<Resource<?>> resources() {
    return List.of(
        Resource.of(Resources.MUTATINGADMISSIONPOLICIES)
            .defaults(PolicyDefaults::policy)
            .strategy(
                s ->
                    s.countsGenerations()
                        .noUnconditionalUpdate()
                        .validateAlways(PolicyValidation::mutating))
            .columns(
                Columns.framed(
                    p ->
                        List.of(
                            (long) p.spec().mutations().size(), paramKind(p.spec().paramKind())),
                    Column.number("Mutations"),
                    Column.of("ParamKind")))
            .build(),
        Resource.of(Resources.MUTATINGADMISSIONPOLICYBINDINGS)
            .defaults(PolicyDefaults::binding)
            .strategy(
                s ->
                    s.countsGenerations()
                        .noUnconditionalUpdate()
                        .validateAlways(PolicyValidation::binding))
            .columns(
                Columns.framed(
                    p -> List.of(p.spec().policyName(), paramRef(p.spec().paramRef())),
                    Column.of("PolicyName"),
                    Column.of("ParamRef")))
            .build(),
        Resource.of(Resources.MUTATINGWEBHOOKCONFIGURATIONS)
            .defaults(PolicyDefaults::webhooks)
            .strategy(
                s ->
                    s.countsGenerations()
                        .noUnconditionalUpdate()
                        .validateAlways(WebhookValidation::mutating))
            .columns(
                Columns.framed(w -> List.of((long) w.webhooks().size()), Column.number("Webhooks")))
            .build(),
        Resource.of(Resources.VALIDATINGADMISSIONPOLICIES)
            .defaults(PolicyDefaults::policy)
            .strategy(
                s ->
                    s.resets("status", FieldSet.ofFields("metadata", "spec"))
                        .countsGenerations()
                        .noUnconditionalUpdate()
                        .validateAlways(PolicyValidation::validating))
            .columns(
                Columns.framed(
                    p ->
                        List.of(
                            (long) p.spec().validations().size(), paramKind(p.spec().paramKind())),
                    Column.number("Validations"),
                    Column.of("ParamKind")))
            .build(),
        Resource.of(Resources.VALIDATINGADMISSIONPOLICYBINDINGS)
            .defaults(PolicyDefaults::binding)
            .strategy(
                s ->
                    s.countsGenerations()
                        .noUnconditionalUpdate()
                        .validateAlways(PolicyValidation::binding))
            .columns(
                Columns.framed(
                    p -> List.of(p.spec().policyName(), paramRef(p.spec().paramRef())),
                    Column.of("PolicyName"),
                    Column.of("ParamRef")))
            .build(),
        Resource.of(Resources.VALIDATINGWEBHOOKCONFIGURATIONS)
            .defaults(PolicyDefaults::webhooks)
            .strategy(
                s ->
                    s.countsGenerations()
                        .noUnconditionalUpdate()
                        .validateAlways(WebhookValidation::validating))
            .columns(
                Columns.framed(w -> List.of((long) w.webhooks().size()), Column.number("Webhooks")))
            .build());
  }

  private static String paramKind(@Nullable ParamKind kind) {
    return kind == null ? Cells.UNSET : kind.apiVersion() + "/" + kind.kind();
  }

  private static String paramRef(@Nullable ParamRef ref) {
    if (ref == null) {
      return Cells.UNSET;
    }
    return ref.name().isEmpty()
        ? "*"
        : ref.namespace().isEmpty() ? "*/" + ref.name() : ref.namespace() + "/" + ref.name();
  }
}
