package io.jurumudi.apiserver.proxy;

import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** A container's log as messages of a WebSocket, for clients that cannot read a streamed answer. */
final class LogSocket {
  private static final String BINARY = "binary.k8s.io";
  private static final String BASE64 = "base64.binary.k8s.io";
  private static final int BUFFER = 16 * 1024;

  private LogSocket() {}

  /**
   * Sends all there is; returns at its end, or when the client has gone.
   *
   * @throws ApiException when the client speaks none of the known protocols
   */
  static void send(HttpExchange exchange, InputStream log) throws IOException {
    List<String> offered = WebSocket.offeredProtocols(exchange);
    String protocol =
        offered.isEmpty()
            ? ""
            : offered.stream()
                .filter(p -> p.equals(BINARY) || p.equals(BASE64))
                .findFirst()
                .orElseThrow(
                    () ->
                        ApiException.badRequest(
                            "the log is sent as " + BINARY + " or " + BASE64 + " alone"));
    WebSocket socket = WebSocket.accept(exchange, protocol);
    if (socket == null) {
      return;
    }
    try (socket) {
      byte[] buffer = new byte[BUFFER];
      for (int count = log.read(buffer); count >= 0; count = log.read(buffer)) {
        byte[] part = Arrays.copyOf(buffer, count);
        if (protocol.equals(BASE64)) {
          byte[] text =
              Base64.getEncoder().encodeToString(part).getBytes(StandardCharsets.US_ASCII);
          socket.send(WebSocket.TEXT, text);
        } else {
          socket.send(WebSocket.BINARY, part);
        }
      }
      socket.sendClose();
    }
  }
}
