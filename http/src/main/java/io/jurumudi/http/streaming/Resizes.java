package io.jurumudi.http.streaming;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The terminal's sizes, a JSON object each: {"Width":80,"Height":24}. Of those that came before
 * anybody listened, the last is kept. Guarded by this.
 */
final class Resizes {
  private static final Pattern WIDTH = Pattern.compile("\"Width\"\\s*:\\s*(\\d{1,5})");
  private static final Pattern HEIGHT = Pattern.compile("\"Height\"\\s*:\\s*(\\d{1,5})");

  private @Nullable Consumer<RemoteStreams.Size> listener;
  private RemoteStreams.@Nullable Size last;

  synchronized void listen(Consumer<RemoteStreams.Size> newListener) {
    listener = newListener;
    if (last != null) {
      newListener.accept(last);
    }
  }

  private synchronized void came(RemoteStreams.Size size) {
    last = size;
    if (listener != null) {
      listener.accept(size);
    }
  }

  /** Returns when the stream ends. Objects may come with or without a line's end between them. */
  void readFrom(InputStream in) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      StringBuilder object = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        object.append((char) c);
        if (c == '}') {
          Matcher width = WIDTH.matcher(object);
          Matcher height = HEIGHT.matcher(object);
          if (width.find() && height.find()) {
            came(
                new RemoteStreams.Size(
                    Integer.parseInt(width.group(1)), Integer.parseInt(height.group(1))));
          }
          object.setLength(0);
        } else if (object.length() > 1024) {
          return;
        }
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }
}
