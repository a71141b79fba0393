package io.jurumudi.scheduler.framework;

import java.util.List;

/**
 * A plugin's word on a pod or on a pod and a node.
 *
 * @param plugin who said it; empty for success and until the framework fills it in
 */
public record Status(Code code, List<String> reasons, String plugin) {
  /** What the word is. */
  public enum Code {
    SUCCESS,
    /** Not now; evicting pods might change that. */
    UNSCHEDULABLE,
    /** Not now, and evicting pods would not help. */
    UNRESOLVABLE,
    /** The plugin has nothing to do with this pod: its later points need not be asked. */
    SKIP,
    /** The pod waits for something that the plugin has started. */
    PENDING
  }

  public static final Status SUCCESS = new Status(Code.SUCCESS, List.of(), "");
  public static final Status SKIP = new Status(Code.SKIP, List.of(), "");

  public static Status unschedulable(String... reasons) {
    return new Status(Code.UNSCHEDULABLE, List.of(reasons), "");
  }

  public static Status unresolvable(String... reasons) {
    return new Status(Code.UNRESOLVABLE, List.of(reasons), "");
  }

  public Status by(Plugin author) {
    return plugin.isEmpty() ? new Status(code, reasons, author.name()) : this;
  }

  public boolean isSuccess() {
    return code == Code.SUCCESS;
  }

  public boolean isRejected() {
    return code == Code.UNSCHEDULABLE || code == Code.UNRESOLVABLE || code == Code.PENDING;
  }

  public String message() {
    return String.join(", ", reasons);
  }
}
