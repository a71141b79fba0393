package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.ParamRef;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.defaults.PolicyDefaults;
import io.jurumudi.apiserver.registry.KindStrategy;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.PolicyValidation;
import io.jurumudi.apiserver.validation.WebhookValidation;
import io.jurumudi.machinery.apply.FieldSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What has a word in admission: policies, their bindings, and webhooks. */
final class AdmissionKinds {
  private AdmissionKinds() {}

  static List<Resource<?>> resources() {
    return List.of(
        kind(
                Resources.MUTATINGADMISSIONPOLICIES,
                PolicyDefaults::policy,
                s -> s.validateAlways(PolicyValidation::mutating))
            .columns(
                policy("Mutations", p -> p.spec().mutations().size(), p -> p.spec().paramKind()))
            .build(),
        kind(
                Resources.MUTATINGADMISSIONPOLICYBINDINGS,
                PolicyDefaults::binding,
                s -> s.validateAlways(PolicyValidation::binding))
            .columns(binding(p -> p.spec().policyName(), p -> p.spec().paramRef()))
            .build(),
        kind(
                Resources.MUTATINGWEBHOOKCONFIGURATIONS,
                PolicyDefaults::webhooks,
                s -> s.validateAlways(WebhookValidation::mutating))
            .columns(webhooks(w -> w.webhooks().size()))
            .build(),
        kind(
                Resources.VALIDATINGADMISSIONPOLICIES,
                PolicyDefaults::policy,
                s ->
                    s.resets("status", FieldSet.ofFields("metadata", "spec"))
                        .validateAlways(PolicyValidation::validating))
            .columns(
                policy(
                    "Validations", p -> p.spec().validations().size(), p -> p.spec().paramKind()))
            .build(),
        kind(
                Resources.VALIDATINGADMISSIONPOLICYBINDINGS,
                PolicyDefaults::binding,
                s -> s.validateAlways(PolicyValidation::binding))
            .columns(binding(p -> p.spec().policyName(), p -> p.spec().paramRef()))
            .build(),
        kind(
                Resources.VALIDATINGWEBHOOKCONFIGURATIONS,
                PolicyDefaults::webhooks,
                s -> s.validateAlways(WebhookValidation::validating))
            .columns(webhooks(w -> w.webhooks().size()))
            .build());
  }

  /** All of them count generations, and an update says which version it changes. */
  private static <T extends KubernetesObject<T>> Resource.Builder<T> kind(
      ResourceType<T> type,
      UnaryOperator<T> defaults,
      UnaryOperator<KindStrategy.Builder<T>> rules) {
    return Resource.of(type)
        .defaults(defaults)
        .strategy(s -> rules.apply(s.countsGenerations().noUnconditionalUpdate()));
  }

  private static <T extends KubernetesObject<T>> Columns<T> policy(
      String title, ToLongFunction<T> count, Function<T, @Nullable ParamKind> kind) {
    return Columns.framed(
        p -> List.of(count.applyAsLong(p), paramKind(kind.apply(p))),
        Column.number(title),
        Column.of("ParamKind"));
  }

  private static <T extends KubernetesObject<T>> Columns<T> binding(
      Function<T, String> policy, Function<T, @Nullable ParamRef> ref) {
    return Columns.framed(
        b -> List.of(policy.apply(b), paramRef(ref.apply(b))),
        Column.of("PolicyName"),
        Column.of("ParamRef"));
  }

  private static <T extends KubernetesObject<T>> Columns<T> webhooks(ToLongFunction<T> count) {
    return Columns.framed(w -> List.of(count.applyAsLong(w)), Column.number("Webhooks"));
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
