package io.jurumudi.kubelet.image;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An image is not there; reason and message are those of the waiting container. */
public final class ImageException extends Exception {
  private final String reason;
  private final @Nullable Instant retryAt;

  /**
   * @param reason such as ErrImagePull, ImagePullBackOff, ErrImageNeverPull, InvalidImageName
   * @param retryAt end of the back-off; null: none runs
   */
  ImageException(String reason, String message, @Nullable Instant retryAt) {
    super(message);
    this.reason = reason;
    this.retryAt = retryAt;
  }

  public String reason() {
    return reason;
  }

  public @Nullable Instant retryAt() {
    return retryAt;
  }
}
