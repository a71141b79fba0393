package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apiextensions.v1.CustomResourceConversion;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionStatus;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.jurumudi.api.apiextensions.v1.ServiceReference;
import io.jurumudi.api.apiextensions.v1.WebhookClientConfig;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The kind CustomResourceDefinition itself. */
public final class Definitions {
  private static final int HTTPS = 443;

  private Definitions() {}

  public static Resource<CustomResourceDefinition> resource() {
    return Resource.of(Resources.CUSTOMRESOURCEDEFINITIONS)
        .storedAt("apiextensions.k8s.io/customresourcedefinitions")
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.NONE)
                    .countsGenerations()
                    .noUnconditionalUpdate()
                    .anyFinalizer()
                    .onCreate(Definitions::withStoredVersion)
                    .onUpdate((updated, old) -> withStoredVersion(updated))
                    .held(
                        crd ->
                            crd.metadata().deletionTimestamp() == null
                                || !crd.metadata().finalizers().isEmpty())
                    .onDeletionBegun(Definitions::ending)
                    .validate(DefinitionValidation::validate)
                    .validateUpdate(DefinitionValidation::validateUpdate)
                    .validateStatus(DefinitionValidation::validateStatus)
                    .warnings(DefinitionValidation::warnings))
        .defaults(Definitions::filled)
        .build();
  }

  /** The definition with what a client may leave out. */
  static CustomResourceDefinition filled(CustomResourceDefinition crd) {
    CustomResourceDefinitionSpec spec = crd.spec();
    CustomResourceDefinitionNames names = spec.names();
    CustomResourceDefinitionNames.Builder filled = names.toBuilder();
    if (names.singular().isEmpty()) {
      filled.singular(names.kind().toLowerCase(Locale.ROOT));
    }
    if (names.listKind().isEmpty() && !names.kind().isEmpty()) {
      filled.listKind(names.kind() + "List");
    }
    CustomResourceConversion conversion = spec.conversion();
    CustomResourceConversion made =
        conversion == null
            ? CustomResourceConversion.builder().strategy("None").build()
            : withPort(conversion);
    return crd.toBuilder()
        .spec(spec.toBuilder().names(filled.build()).conversion(made).build())
        .build();
  }

  private static CustomResourceConversion withPort(CustomResourceConversion conversion) {
    var webhook = conversion.webhook();
    WebhookClientConfig client = webhook == null ? null : webhook.clientConfig();
    ServiceReference service = client == null ? null : client.service();
    if (webhook == null || client == null || service == null || service.port() != null) {
      return conversion;
    }
    return conversion.toBuilder()
        .webhook(
            webhook.toBuilder()
                .clientConfig(
                    client.toBuilder().service(service.toBuilder().port(HTTPS).build()).build())
                .build())
        .build();
  }

  /** The version that is stored from now on is one that may be found stored. */
  private static CustomResourceDefinition withStoredVersion(CustomResourceDefinition crd) {
    CustomResourceDefinitionStatus status = crd.status();
    for (CustomResourceDefinitionVersion version : crd.spec().versions()) {
      if (version.storage()) {
        if (status.storedVersions().contains(version.name())) {
          return crd;
        }
        List<String> stored = new ArrayList<>(status.storedVersions());
        stored.add(version.name());
        return crd.toBuilder().status(status.toBuilder().storedVersions(stored).build()).build();
      }
    }
    return crd;
  }

  /** Held until its objects are gone. */
  private static CustomResourceDefinition ending(CustomResourceDefinition crd) {
    ObjectMeta meta = crd.metadata();
    List<String> finalizers = new ArrayList<>(meta.finalizers());
    if (!finalizers.contains(DefinitionStatus.FINALIZER)) {
      finalizers.add(DefinitionStatus.FINALIZER);
    }
    Instant now = Objects.requireNonNull(meta.deletionTimestamp());
    return crd.toBuilder()
        .metadata(meta.toBuilder().finalizers(finalizers).build())
        .status(DefinitionStatus.pending(crd.status(), now))
        .build();
  }
}
