package io.jurumudi.kubelet.container;

/** A container cannot be made from its specification; the message is for its status and event. */
public final class ConfigException extends Exception {
  private final String reason;

  public ConfigException(String message) {
    this("CreateContainerConfigError", message);
  }

  /**
   * @param reason the waiting reason, such as CreateContainerConfigError
   */
  public ConfigException(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
