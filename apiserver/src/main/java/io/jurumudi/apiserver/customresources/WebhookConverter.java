package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.WebhookClientConfig;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.webhooks.Destination;
import io.jurumudi.apiserver.webhooks.WebhookClient;
import io.jurumudi.apiserver.webhooks.WebhookException;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks a webhook to convert: one ConversionReview for all objects of a list that are not yet of the
 * version. It may change labels, annotations and content; all other metadata stay. Facts:
 * upstream's pkg/apiserver/conversion/webhook_converter.go.
 */
final class WebhookConverter implements Converter {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final WebhookClient client;
  private final Destination destination;
  private final String reviewVersion;

  private WebhookConverter(WebhookClient client, Destination destination, String reviewVersion) {
    this.client = client;
    this.destination = destination;
    this.reviewVersion = reviewVersion;
  }

  /** What a definition says about conversion. */
  static Converter of(CustomResourceDefinition crd, WebhookClient client) {
    var conversion = crd.spec().conversion();
    var webhook = conversion == null ? null : conversion.webhook();
    WebhookClientConfig config = webhook == null ? null : webhook.clientConfig();
    if (conversion == null
        || !conversion.strategy().equals("Webhook")
        || webhook == null
        || config == null) {
      return NONE;
    }
    Optional<String> known =
        webhook.conversionReviewVersions().stream()
            .filter(v -> v.equals("v1") || v.equals("v1beta1"))
            .findFirst();
    return new WebhookConverter(client, Destination.of(config), known.orElse("v1"));
  }

  @Override
  public List<CustomObject> convert(List<CustomObject> objects, Schema<CustomObject> version) {
    List<Object> asked = new ArrayList<>();
    for (CustomObject object : objects) {
      if (object.schema() != version) {
        asked.add(Trees.fromMessage(object));
      }
    }
    if (asked.isEmpty()) {
      return objects;
    }
    List<@Nullable Object> answered;
    try {
      answered = ask(asked, version);
    } catch (WebhookException | DecodeException e) {
      CustomObject first =
          objects.stream().filter(o -> o.schema() != version).findFirst().orElseThrow();
      throw ApiException.unknown(
          "conversion webhook for "
              + first.kind().apiVersion()
              + ", Kind="
              + first.kind().kind()
              + " failed: "
              + e.getMessage());
    }
    List<CustomObject> converted = new ArrayList<>(objects.size());
    int next = 0;
    for (CustomObject object : objects) {
      converted.add(
          object.schema() == version ? object : restored(object, answered.get(next++), version));
    }
    return converted;
  }

  private List<@Nullable Object> ask(List<Object> objects, Schema<CustomObject> version)
      throws WebhookException {
    String uid = UUID.randomUUID().toString();
    Map<String, @Nullable Object> request = new LinkedHashMap<>();
    request.put("uid", uid);
    request.put("desiredAPIVersion", version.kind() == null ? "" : version.kind().apiVersion());
    request.put("objects", objects);
    Map<String, @Nullable Object> review = new LinkedHashMap<>();
    review.put("kind", "ConversionReview");
    review.put("apiVersion", "apiextensions.k8s.io/" + reviewVersion);
    review.put("request", request);
    Object answer = Trees.parseJson(client.post(destination, Trees.writeJson(review), TIMEOUT));
    if (reviewVersion.equals("v1") && !Trees.string(answer, "response", "uid").equals(uid)) {
      throw new WebhookException(
          "expected response.uid=\""
              + uid
              + "\", got \""
              + Trees.string(answer, "response", "uid")
              + "\"");
    }
    String status = Trees.string(answer, "response", "result", "status");
    if (!status.equals("Success")) {
      String message = Trees.string(answer, "response", "result", "message");
      throw new WebhookException(
          message.isEmpty() ? "response.result.status was '" + status + "'" : message);
    }
    Object converted = Trees.at(answer, "response", "convertedObjects");
    int count = converted instanceof List<?> list ? list.size() : 0;
    if (count != objects.size()) {
      throw new WebhookException(
          "webhook returned " + count + " objects, expected " + objects.size());
    }
    return Trees.list(converted);
  }

  private static CustomObject restored(
      CustomObject old, @Nullable Object tree, Schema<CustomObject> version) {
    CustomObject converted;
    if (!(tree instanceof Map)) {
      throw invalid(version, "invalid metadata: expected object");
    }
    try {
      converted = Trees.toMessage(version, Trees.map(tree));
    } catch (DecodeException e) {
      throw invalid(version, String.valueOf(e.getMessage()));
    }
    String apiVersion = Trees.string(tree, "apiVersion");
    String wanted = version.kind() == null ? "" : version.kind().apiVersion();
    if (!apiVersion.equals(wanted)) {
      throw invalid(
          version, "invalid groupVersion (expected " + wanted + ", received " + apiVersion + ")");
    }
    ObjectMeta was = old.metadata();
    ObjectMeta now = converted.metadata();
    if (!now.name().equals(was.name())
        || !now.namespace().equals(was.namespace())
        || !now.uid().equals(was.uid())) {
      throw invalid(version, "must have the same name, namespace and UID");
    }
    return converted.withMetadata(
        was.toBuilder().labels(now.labels()).annotations(now.annotations()).build());
  }

  private static ApiException invalid(Schema<CustomObject> version, String why) {
    return ApiException.unknown(
        "conversion webhook for " + version.kind() + " returned invalid converted object: " + why);
  }
}
