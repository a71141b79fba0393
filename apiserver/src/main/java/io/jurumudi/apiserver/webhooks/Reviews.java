package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.admission.v1.AdmissionRequest;
import io.jurumudi.api.admission.v1.AdmissionResponse;
import io.jurumudi.api.admission.v1.AdmissionReview;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.machinery.codec.Trees;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** AdmissionReviews, as they are sent and as they come back. */
final class Reviews {
  private static final String GROUP = "admission.k8s.io/";

  private Reviews() {}

  /** The review's JSON, in the first version that the webhook and this server understand. */
  static byte[] encode(Hook hook, AdmissionRequest request) throws WebhookException {
    Map<String, @Nullable Object> review = new LinkedHashMap<>();
    review.put("apiVersion", GROUP + version(hook));
    review.put("kind", "AdmissionReview");
    review.put("request", Trees.fromMessage(request));
    return Trees.writeJson(review);
  }

  private static String version(Hook hook) throws WebhookException {
    for (String version : hook.versions()) {
      if (version.equals("v1") || version.equals("v1beta1")) {
        return version;
      }
    }
    throw new WebhookException(
        "webhook does not accept known AdmissionReview versions (v1, v1beta1)");
  }

  /**
   * What came back, with the patch type that older reviews need not give.
   *
   * @throws WebhookException when it is no answer to what was asked
   */
  static AdmissionResponse decode(Hook hook, String uid, boolean mutating, byte[] json)
      throws WebhookException {
    try {
      Map<String, @Nullable Object> tree = Trees.map(Trees.parseJson(json));
      String version = version(hook);
      String said = Trees.string(tree, "apiVersion") + ", Kind=" + Trees.string(tree, "kind");
      AdmissionResponse response = Trees.toMessage(AdmissionReview.SCHEMA, tree).response();
      if (response == null) {
        throw new WebhookException("webhook response was absent");
      }
      if (version.equals("v1beta1")) {
        return response.patch().isEmpty()
            ? response
            : response.toBuilder().patchType("JSONPatch").build();
      }
      if (!said.equals(GROUP + "v1, Kind=AdmissionReview")) {
        throw new WebhookException(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got " + said);
      }
      if (!response.uid().equals(uid)) {
        throw new WebhookException(
            "expected response.uid=\"" + uid + "\", got \"" + response.uid() + "\"");
      }
      check(response, mutating);
      return response;
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new WebhookException("the answer is no AdmissionReview: " + e.getMessage(), e);
    }
  }

  private static void check(AdmissionResponse response, boolean mutating) throws WebhookException {
    boolean patch = !response.patch().isEmpty();
    String type = Objects.requireNonNullElse(response.patchType(), "");
    if (!mutating && patch) {
      throw new WebhookException("validating webhook may not return response.patch");
    }
    if (!mutating && response.patchType() != null) {
      throw new WebhookException("validating webhook may not return response.patchType");
    }
    if (patch && response.patchType() == null) {
      throw new WebhookException("webhook returned response.patch but not response.patchType");
    }
    if (!patch && response.patchType() != null) {
      throw new WebhookException("webhook returned response.patchType but not response.patch");
    }
    if (patch && !type.equals("JSONPatch")) {
      throw new WebhookException("unsupported patch type \"" + type + "\"");
    }
  }
}
