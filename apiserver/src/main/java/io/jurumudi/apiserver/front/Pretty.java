package io.jurumudi.apiserver.front;

import io.jurumudi.apiserver.request.Query;
import io.jurumudi.http.HttpExchange;
import java.io.ByteArrayOutputStream;

/** Indents JSON by two spaces, as Go does. */
final class Pretty {
  private Pretty() {}

  /** Whether the client is a person's: it asks, or is curl or a browser. */
  static boolean wanted(HttpExchange exchange) {
    Query query = Query.parse(exchange.rawQuery());
    if (query.has("pretty")) {
      return query.flag("pretty");
    }
    String agent = exchange.headers().get("User-Agent", "");
    return agent.startsWith("curl") || agent.startsWith("Wget") || agent.startsWith("Mozilla/5.0");
  }

  /** The same JSON, one value a line; ends without a line's end, as upstream's does. */
  static byte[] json(byte[] compact) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(compact.length * 2);
    int depth = 0;
    boolean text = false;
    for (int i = 0; i < compact.length; i++) {
      byte b = compact[i];
      if (text) {
        out.write(b);
        if (b == '\\') {
          out.write(compact[++i]);
        } else if (b == '"') {
          text = false;
        }
        continue;
      }
      switch (b) {
        case '"' -> {
          text = true;
          out.write(b);
        }
        case '{', '[' -> {
          out.write(b);
          byte close = (byte) (b == '{' ? '}' : ']');
          if (i + 1 < compact.length && compact[i + 1] == close) {
            out.write(close);
            i++;
          } else {
            line(out, ++depth);
          }
        }
        case '}', ']' -> {
          line(out, --depth);
          out.write(b);
        }
        case ',' -> {
          out.write(b);
          line(out, depth);
        }
        case ':' -> {
          out.write(b);
          out.write(' ');
        }
        case '\n', ' ', '\t', '\r' -> {}
        default -> out.write(b);
      }
    }
    return out.toByteArray();
  }

  private static void line(ByteArrayOutputStream out, int depth) {
    out.write('\n');
    for (int i = 0; i < depth; i++) {
      out.write(' ');
      out.write(' ');
    }
  }
}
