package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.Resources;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.admission.AdmissionView;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.policy.AdmissionVariables;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Asks validating webhooks, all at once; of several denials the first one's is told. */
public final class ValidatingWebhooks implements Admission, AutoCloseable {
  private final ServerObjects objects;
  private final HookIndex<ValidatingWebhookConfiguration> index;
  private final HookCalls calls;
  private final Executor executor;

  /**
   * @param executor of virtual threads
   */
  public ValidatingWebhooks(
      ServerObjects objects,
      WebhookClient client,
      AdmissionVariables variables,
      Executor executor) {
    this.objects = objects;
    this.calls = new HookCalls(client, variables);
    this.executor = executor;
    this.index =
        new HookIndex<>(
            objects, Resources.VALIDATINGWEBHOOKCONFIGURATIONS, ValidatingWebhooks::hooks);
  }

  private static List<Hook> hooks(ValidatingWebhookConfiguration configuration) {
    List<Hook> hooks = new ArrayList<>();
    for (var hook : configuration.webhooks()) {
      hooks.add(Hook.of(configuration.metadata().name(), hooks.size(), hook));
    }
    return hooks;
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    List<Hook> hooks = index.all();
    if (hooks.isEmpty() || request.asked() == null || Match.exempt(request)) {
      return;
    }
    AdmissionView asked = AdmissionView.of(request);
    List<Runnable> questions = new ArrayList<>();
    for (Hook hook : hooks) {
      Optional<AdmissionView> view = hook.match().matches(asked, object, objects);
      if (view.isPresent() && calls.wanted(hook, view.get(), asked, object)) {
        questions.add(() -> calls.call(hook, view.get(), asked, object, false));
      }
    }
    if (questions.size() == 1) {
      questions.getFirst().run();
      return;
    }
    List<CompletableFuture<Void>> running =
        questions.stream().map(q -> CompletableFuture.runAsync(q, executor)).toList();
    ApiException denial = null;
    for (CompletableFuture<Void> one : running) {
      try {
        one.join();
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof ApiException refused)) {
          throw e;
        }
        denial = denial == null ? refused : denial;
      }
    }
    if (denial != null) {
      throw denial;
    }
  }

  @Override
  public void close() {
    index.close();
  }
}
