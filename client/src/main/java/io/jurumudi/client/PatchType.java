package io.jurumudi.client;

import io.jurumudi.machinery.codec.MediaTypes;

/** The kinds of patches. */
public enum PatchType {
  JSON(MediaTypes.JSON_PATCH),
  MERGE(MediaTypes.MERGE_PATCH),
  STRATEGIC(MediaTypes.STRATEGIC_MERGE_PATCH),
  APPLY(MediaTypes.APPLY_PATCH_YAML);

  private final String mediaType;

  PatchType(String mediaType) {
    this.mediaType = mediaType;
  }

  public String mediaType() {
    return mediaType;
  }
}
