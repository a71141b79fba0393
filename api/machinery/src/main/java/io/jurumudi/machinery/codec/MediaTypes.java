package io.jurumudi.machinery.codec;

/** The media types that the API speaks. */
public final class MediaTypes {
  public static final String JSON = "application/json";
  public static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
  public static final String YAML = "application/yaml";
  public static final String JSON_PATCH = "application/json-patch+json";
  public static final String MERGE_PATCH = "application/merge-patch+json";
  public static final String STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";
  public static final String APPLY_PATCH_YAML = "application/apply-patch+yaml";
  public static final String APPLY_PATCH_CBOR = "application/apply-patch+cbor";

  private MediaTypes() {}
}
