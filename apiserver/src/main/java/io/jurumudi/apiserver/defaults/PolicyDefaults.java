package io.jurumudi.apiserver.defaults;

import io.jurumudi.api.admissionregistration.v1.MatchResources;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.jurumudi.api.admissionregistration.v1.MutatingWebhook;
import io.jurumudi.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.jurumudi.api.admissionregistration.v1.NamedRuleWithOperations;
import io.jurumudi.api.admissionregistration.v1.RuleWithOperations;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhook;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.jurumudi.api.admissionregistration.v1.WebhookClientConfig;
import io.jurumudi.api.flowcontrol.v1.FlowSchema;
import io.jurumudi.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.jurumudi.api.flowcontrol.v1.QueuingConfiguration;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.resource.v1.DeviceClaim;
import io.jurumudi.api.resource.v1.DeviceRequest;
import io.jurumudi.api.resource.v1.ResourceClaim;
import io.jurumudi.api.resource.v1.ResourceClaimTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Defaults of what steers requests and devices: admission, flow control, claims. Facts:
 * k8s.io/kubernetes pkg/apis/{admissionregistration,flowcontrol,resource}/v1/defaults.go.
 */
public final class PolicyDefaults {
  private static final String FAIL = "Fail";
  private static final String EQUIVALENT = "Equivalent";
  private static final String EXACT_COUNT = "ExactCount";
  private static final int HTTPS = 443;
  private static final int TIMEOUT_SECONDS = 10;
  private static final int PRECEDENCE = 1000;
  private static final int SHARES = 30;
  private static final int QUEUES = 64;
  private static final int HAND_SIZE = 8;
  private static final int QUEUE_LENGTH = 50;

  private PolicyDefaults() {}

  private static <V> V or(@Nullable V value, V otherwise) {
    return value == null ? otherwise : value;
  }

  private static int orIfZero(int value, int otherwise) {
    return value == 0 ? otherwise : value;
  }

  public static MutatingWebhookConfiguration webhooks(MutatingWebhookConfiguration c) {
    return c.toBuilder().webhooks(Lists.map(c.webhooks(), PolicyDefaults::webhook)).build();
  }

  private static MutatingWebhook webhook(MutatingWebhook w) {
    return w.toBuilder()
        .failurePolicy(or(w.failurePolicy(), FAIL))
        .matchPolicy(or(w.matchPolicy(), EQUIVALENT))
        .namespaceSelector(or(w.namespaceSelector(), LabelSelector.EMPTY))
        .objectSelector(or(w.objectSelector(), LabelSelector.EMPTY))
        .timeoutSeconds(or(w.timeoutSeconds(), TIMEOUT_SECONDS))
        .reinvocationPolicy(or(w.reinvocationPolicy(), "Never"))
        .rules(Lists.map(w.rules(), PolicyDefaults::rule))
        .clientConfig(client(w.clientConfig()))
        .build();
  }

  public static ValidatingWebhookConfiguration webhooks(ValidatingWebhookConfiguration c) {
    return c.toBuilder().webhooks(Lists.map(c.webhooks(), PolicyDefaults::webhook)).build();
  }

  private static ValidatingWebhook webhook(ValidatingWebhook w) {
    return w.toBuilder()
        .failurePolicy(or(w.failurePolicy(), FAIL))
        .matchPolicy(or(w.matchPolicy(), EQUIVALENT))
        .namespaceSelector(or(w.namespaceSelector(), LabelSelector.EMPTY))
        .objectSelector(or(w.objectSelector(), LabelSelector.EMPTY))
        .timeoutSeconds(or(w.timeoutSeconds(), TIMEOUT_SECONDS))
        .rules(Lists.map(w.rules(), PolicyDefaults::rule))
        .clientConfig(client(w.clientConfig()))
        .build();
  }

  private static WebhookClientConfig client(WebhookClientConfig c) {
    var service = c.service();
    return service == null || service.port() != null
        ? c
        : c.toBuilder().service(service.toBuilder().port(HTTPS).build()).build();
  }

  private static RuleWithOperations rule(RuleWithOperations r) {
    return r.scope() == null ? r.toBuilder().scope("*").build() : r;
  }

  private static NamedRuleWithOperations rule(NamedRuleWithOperations r) {
    return r.scope() == null ? r.toBuilder().scope("*").build() : r;
  }

  private static @Nullable MatchResources match(@Nullable MatchResources m) {
    return m == null
        ? null
        : m.toBuilder()
            .matchPolicy(or(m.matchPolicy(), EQUIVALENT))
            .namespaceSelector(or(m.namespaceSelector(), LabelSelector.EMPTY))
            .objectSelector(or(m.objectSelector(), LabelSelector.EMPTY))
            .resourceRules(Lists.map(m.resourceRules(), PolicyDefaults::rule))
            .excludeResourceRules(Lists.map(m.excludeResourceRules(), PolicyDefaults::rule))
            .build();
  }

  public static ValidatingAdmissionPolicy policy(ValidatingAdmissionPolicy p) {
    var spec = p.spec().toBuilder();
    spec.failurePolicy(or(p.spec().failurePolicy(), FAIL));
    spec.matchConstraints(match(p.spec().matchConstraints()));
    return p.toBuilder().spec(spec.build()).build();
  }

  public static MutatingAdmissionPolicy policy(MutatingAdmissionPolicy p) {
    var spec = p.spec().toBuilder();
    spec.failurePolicy(or(p.spec().failurePolicy(), FAIL));
    spec.matchConstraints(match(p.spec().matchConstraints()));
    return p.toBuilder().spec(spec.build()).build();
  }

  public static ValidatingAdmissionPolicyBinding binding(ValidatingAdmissionPolicyBinding b) {
    var spec = b.spec().toBuilder().matchResources(match(b.spec().matchResources()));
    return b.toBuilder().spec(spec.build()).build();
  }

  public static MutatingAdmissionPolicyBinding binding(MutatingAdmissionPolicyBinding b) {
    var spec = b.spec().toBuilder().matchResources(match(b.spec().matchResources()));
    return b.toBuilder().spec(spec.build()).build();
  }

  public static FlowSchema flowSchema(FlowSchema f) {
    var spec =
        f.spec().toBuilder()
            .matchingPrecedence(orIfZero(f.spec().matchingPrecedence(), PRECEDENCE));
    return f.toBuilder().spec(spec.build()).build();
  }

  public static PriorityLevelConfiguration priorityLevel(PriorityLevelConfiguration p) {
    var spec = p.spec().toBuilder();
    var exempt = p.spec().exempt();
    if (exempt != null) {
      spec.exempt(
          exempt.toBuilder()
              .nominalConcurrencyShares(or(exempt.nominalConcurrencyShares(), 0))
              .lendablePercent(or(exempt.lendablePercent(), 0))
              .build());
    }
    var limited = p.spec().limited();
    if (limited != null) {
      var b = limited.toBuilder();
      b.nominalConcurrencyShares(or(limited.nominalConcurrencyShares(), SHARES));
      b.lendablePercent(or(limited.lendablePercent(), 0));
      QueuingConfiguration queuing = limited.limitResponse().queuing();
      if (queuing != null) {
        b.limitResponse(
            limited.limitResponse().toBuilder()
                .queuing(
                    queuing.toBuilder()
                        .handSize(orIfZero(queuing.handSize(), HAND_SIZE))
                        .queues(orIfZero(queuing.queues(), QUEUES))
                        .queueLengthLimit(orIfZero(queuing.queueLengthLimit(), QUEUE_LENGTH))
                        .build())
                .build());
      }
      spec.limited(b.build());
    }
    return p.toBuilder().spec(spec.build()).build();
  }

  public static ResourceClaim claim(ResourceClaim c) {
    var spec = c.spec().toBuilder().devices(devices(c.spec().devices()));
    return c.toBuilder().spec(spec.build()).build();
  }

  public static ResourceClaimTemplate claimTemplate(ResourceClaimTemplate t) {
    var claim = t.spec().spec();
    var spec =
        t.spec().toBuilder().spec(claim.toBuilder().devices(devices(claim.devices())).build());
    return t.toBuilder().spec(spec.build()).build();
  }

  private static DeviceClaim devices(DeviceClaim d) {
    return d.toBuilder().requests(Lists.map(d.requests(), PolicyDefaults::request)).build();
  }

  private static DeviceRequest request(DeviceRequest r) {
    var b = r.toBuilder();
    var exactly = r.exactly();
    if (exactly != null) {
      String mode = exactly.allocationMode().isEmpty() ? EXACT_COUNT : exactly.allocationMode();
      b.exactly(
          exactly.toBuilder()
              .allocationMode(mode)
              .count(mode.equals(EXACT_COUNT) && exactly.count() == 0 ? 1 : exactly.count())
              .build());
    }
    b.firstAvailable(
        Lists.map(
            r.firstAvailable(),
            sub -> {
              String mode = sub.allocationMode().isEmpty() ? EXACT_COUNT : sub.allocationMode();
              return sub.toBuilder()
                  .allocationMode(mode)
                  .count(mode.equals(EXACT_COUNT) && sub.count() == 0 ? 1 : sub.count())
                  .build();
            }));
    return b.build();
  }
}
