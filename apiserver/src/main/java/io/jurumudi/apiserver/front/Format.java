package io.jurumudi.apiserver.front;

import io.jurumudi.machinery.codec.MediaTypes;

/** How an answer is written. */
enum Format {
  JSON(MediaTypes.JSON),
  YAML(MediaTypes.YAML),
  PROTOBUF(MediaTypes.PROTOBUF);

  private final String mediaType;

  Format(String mediaType) {
    this.mediaType = mediaType;
  }

  String mediaType() {
    return mediaType;
  }
}
