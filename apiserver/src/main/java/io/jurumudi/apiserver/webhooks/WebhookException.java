package io.jurumudi.apiserver.webhooks;

/** A webhook that could not be asked, or whose answer makes no sense; the message says why. */
public final class WebhookException extends Exception {
  public WebhookException(String message) {
    super(message);
  }

  public WebhookException(String message, Throwable cause) {
    super(message, cause);
  }
}
