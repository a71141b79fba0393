package io.jurumudi.http.streaming;

/** How a remote command ended, as the client's error stream tells it. */
public sealed interface Exit {
  Exit SUCCESS = new Success();

  /** What versions 4 and 5 of the protocol send: a meta/v1 Status as JSON. */
  String statusJson();

  /** What older versions send; empty on success. */
  String text();

  static Exit ofCode(int code) {
    return code == 0 ? SUCCESS : new Code(code);
  }

  static Exit failed(String message) {
    return new Failure(message);
  }

  /** As another server said it. */
  static Exit ofStatus(String json) {
    return new Relayed(json);
  }

  /** Another server's words. */
  record Relayed(String statusJson) implements Exit {
    @Override
    public String text() {
      return statusJson;
    }
  }

  /** Exit code zero. */
  record Success() implements Exit {
    @Override
    public String statusJson() {
      return "{\"metadata\":{},\"status\":\"Success\"}";
    }

    @Override
    public String text() {
      return "";
    }
  }

  /** The command ran and ended with another code than zero. */
  record Code(int code) implements Exit {
    @Override
    public String statusJson() {
      return "{\"metadata\":{},\"status\":\"Failure\",\"message\":"
          + quoted(text())
          + ",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\","
          + "\"message\":\""
          + code
          + "\"}]}}";
    }

    @Override
    public String text() {
      return "command terminated with non-zero exit code: exit status " + code;
    }
  }

  /** The command could not be run, or was lost. */
  record Failure(String message) implements Exit {
    @Override
    public String statusJson() {
      return "{\"metadata\":{},\"status\":\"Failure\",\"message\":"
          + quoted(text())
          + ",\"reason\":\"InternalError\",\"details\":{\"causes\":[{\"message\":"
          + quoted(message)
          + "}]},\"code\":500}";
    }

    @Override
    public String text() {
      return "Internal error occurred: " + message;
    }
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
