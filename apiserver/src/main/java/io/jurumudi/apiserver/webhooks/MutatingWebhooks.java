package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.Resources;
import io.jurumudi.api.admission.v1.AdmissionResponse;
import io.jurumudi.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.admission.AdmissionView;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.policy.AdmissionVariables;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.patch.JsonPatch;
import io.jurumudi.machinery.patch.PatchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks mutating webhooks, one after the other. */
public final class MutatingWebhooks implements Admission, AutoCloseable {
  private final ServerObjects objects;
  private final HookIndex<MutatingWebhookConfiguration> index;
  private final HookCalls calls;

  public MutatingWebhooks(
      ServerObjects objects, WebhookClient client, AdmissionVariables variables) {
    this.objects = objects;
    this.calls = new HookCalls(client, variables);
    this.index =
        new HookIndex<>(objects, Resources.MUTATINGWEBHOOKCONFIGURATIONS, MutatingWebhooks::hooks);
  }

  private static List<Hook> hooks(MutatingWebhookConfiguration configuration) {
    List<Hook> hooks = new ArrayList<>();
    for (var hook : configuration.webhooks()) {
      hooks.add(Hook.of(configuration.metadata().name(), hooks.size(), hook));
    }
    return hooks;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    List<Hook> hooks = index.all();
    AdmissionRequest.Asked call = request.asked();
    if (hooks.isEmpty() || call == null || Match.exempt(request)) {
      return object;
    }
    KubernetesObject<?> current = object;
    AdmissionView asked = AdmissionView.of(request);
    for (Hook hook : hooks) {
      Optional<AdmissionView> view = hook.match().matches(asked, current, objects);
      if (view.isEmpty()
          || !call.reinvocation().asks(hook.id())
          || !calls.wanted(hook, view.get(), asked, current)) {
        continue;
      }
      Optional<AdmissionResponse> response = calls.call(hook, view.get(), asked, current, true);
      if (response.isPresent() && !response.get().patch().isEmpty()) {
        KubernetesObject<?> patched = patched(hook, view.get(), current, response.get());
        if (!Objects.equals(patched, current)) {
          call.reinvocation().changed();
        }
        current = patched;
      }
      if (hook.reinvocable()) {
        call.reinvocation().willing(hook.id());
      }
    }
    return current;
  }

  private static @Nullable KubernetesObject<?> patched(
      Hook hook,
      AdmissionView view,
      @Nullable KubernetesObject<?> object,
      AdmissionResponse response) {
    Map<String, @Nullable Object> tree = view.tree(object);
    if (object == null || tree == null) {
      throw ApiException.internalError(
          "admission webhook \""
              + hook.name()
              + "\" attempted to modify the object, which is not supported for this operation");
    }
    try {
      return view.object(JsonPatch.apply(tree, response.patch().toArray()), object);
    } catch (PatchException | DecodeException e) {
      throw ApiException.internalError(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    index.close();
  }
}
