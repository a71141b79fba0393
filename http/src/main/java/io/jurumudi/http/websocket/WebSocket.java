package io.jurumudi.http.websocket;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket's messages. One thread reads; any may write. Pings are answered by the reader, so
 * somebody must read.
 */
public final class WebSocket implements AutoCloseable {
  public static final int TEXT = 1;
  public static final int BINARY = 2;

  /** Upstream's server takes 32 MiB too. */
  public static final int MAX_MESSAGE = 32 * 1024 * 1024;

  private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int CONTINUATION = 0;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int NORMAL = 1000;
  private static final int PROTOCOL_ERROR = 1002;
  private static final int TOO_BIG = 1009;

  private final Duplex duplex;
  private final boolean client;
  private final DataInputStream in;
  private final ReentrantLock writeLock = new ReentrantLock();
  private boolean closeSent;

  /** A message that is not control. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  public record Message(int opcode, byte[] data) {}

  private WebSocket(Duplex duplex, boolean client) {
    this.duplex = duplex;
    this.client = client;
    this.in = new DataInputStream(new BufferedInputStream(duplex.in(), 16 * 1024));
  }

  /** The client's side of a connection that is already upgraded. */
  public static WebSocket client(Duplex duplex) {
    return new WebSocket(duplex, true);
  }

  public static boolean isRequested(HttpExchange exchange) {
    String offer = exchange.upgradeOffer();
    return offer != null && offer.equals("websocket");
  }

  /**
   * Finishes the handshake of a request for which {@link #isRequested} holds. Virtual threads only.
   *
   * @param protocol the chosen subprotocol; empty: none
   * @return null when the request's handshake is wrong: then it is answered with 400
   */
  public static @Nullable WebSocket accept(HttpExchange exchange, String protocol)
      throws IOException {
    String key = exchange.headers().get("Sec-WebSocket-Key");
    String version = exchange.headers().get("Sec-WebSocket-Version");
    if (key == null || !"13".equals(version)) {
      exchange.respond(400, Headers.of("Sec-WebSocket-Version", "13"), new byte[0]);
      return null;
    }
    Headers answer =
        Headers.of(
            "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", answerTo(key));
    if (!protocol.isEmpty()) {
      answer.add("Sec-WebSocket-Protocol", protocol);
    }
    return new WebSocket(exchange.upgrade(answer), false);
  }

  /** What a server answers to a Sec-WebSocket-Key. */
  public static String answerTo(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(
              sha1.digest((key.strip() + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next message, or null when the peer has closed. Fragments are joined. */
  public @Nullable Message read() throws IOException {
    ByteArrayOutputStream joined = null;
    int opcodeOfMessage = 0;
    while (true) {
      int first;
      try {
        first = in.readUnsignedByte();
      } catch (EOFException e) {
        return null;
      }
      int opcode = first & 0x0f;
      boolean last = (first & 0x80) != 0;
      byte[] payload = readPayload(joined == null ? 0 : joined.size());
      switch (opcode) {
        case PING -> sendIfOpen(PONG, payload);
        case PONG -> {
          // An answer to nothing.
        }
        case CLOSE -> {
          sendClose(payload.length >= 2 ? (payload[0] & 0xff) << 8 | (payload[1] & 0xff) : NORMAL);
          return null;
        }
        case TEXT, BINARY, CONTINUATION -> {
          if ((opcode == CONTINUATION) != (joined != null)) {
            throw violated(PROTOCOL_ERROR, "fragments out of order");
          }
          if (opcode != CONTINUATION) {
            if (last) {
              return new Message(opcode, payload);
            }
            opcodeOfMessage = opcode;
            joined = new ByteArrayOutputStream(2 * payload.length);
          }
          if (joined != null) {
            joined.writeBytes(payload);
            if (last) {
              return new Message(opcodeOfMessage, joined.toByteArray());
            }
          }
        }
        default -> throw violated(PROTOCOL_ERROR, "opcode " + opcode);
      }
    }
  }

  private byte[] readPayload(int joined) throws IOException {
    int second = in.readUnsignedByte();
    boolean masked = (second & 0x80) != 0;
    long length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if (length < 0 || length + joined > MAX_MESSAGE) {
      throw violated(TOO_BIG, "a message longer than " + MAX_MESSAGE + " bytes");
    }
    if (masked == client) {
      throw violated(PROTOCOL_ERROR, client ? "a masked frame" : "a frame without mask");
    }
    byte[] mask = new byte[4];
    if (masked) {
      in.readFully(mask);
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    if (masked) {
      mask(payload, mask);
    }
    return payload;
  }

  private static void mask(byte[] payload, byte[] mask) {
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i & 3];
    }
  }

  private IOException violated(int code, String what) {
    sendClose(code);
    return new IOException("WebSocket: " + what);
  }

  public void send(int opcode, byte[] data) throws IOException {
    send(opcode, data, 0, data.length, -1);
  }

  /**
   * Sends a binary message.
   *
   * @param prefix a first byte before the data; negative: none
   */
  public void sendBinary(int prefix, byte[] data, int offset, int length) throws IOException {
    send(BINARY, data, offset, length, prefix);
  }

  private void send(int opcode, byte[] data, int offset, int length, int prefix)
      throws IOException {
    int size = length + (prefix < 0 ? 0 : 1);
    int head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
    byte[] frame = new byte[head + (client ? 4 : 0) + size];
    frame[0] = (byte) (0x80 | opcode);
    int maskBit = client ? 0x80 : 0;
    if (head == 2) {
      frame[1] = (byte) (maskBit | size);
    } else if (head == 4) {
      frame[1] = (byte) (maskBit | 126);
      frame[2] = (byte) (size >>> 8);
      frame[3] = (byte) size;
    } else {
      frame[1] = (byte) (maskBit | 127);
      for (int i = 0; i < 8; i++) {
        frame[2 + i] = (byte) ((long) size >>> (56 - 8 * i));
      }
    }
    int at = head + (client ? 4 : 0);
    int body = at;
    if (prefix >= 0) {
      frame[at++] = (byte) prefix;
    }
    System.arraycopy(data, offset, frame, at, length);
    if (client) {
      int mask = ThreadLocalRandom.current().nextInt();
      for (int i = 0; i < 4; i++) {
        frame[head + i] = (byte) (mask >>> (24 - 8 * i));
      }
      for (int i = 0; i < size; i++) {
        frame[body + i] ^= frame[head + (i & 3)];
      }
    }
    writeLock.lock();
    try {
      if (closeSent) {
        throw new IOException("the WebSocket is closed");
      }
      closeSent = opcode == CLOSE;
      duplex.out().write(frame);
    } finally {
      writeLock.unlock();
    }
  }

  private void sendIfOpen(int opcode, byte[] data) {
    try {
      send(opcode, data, 0, data.length, -1);
    } catch (IOException e) {
      // The reader's end tells.
    }
  }

  private void sendClose(int code) {
    sendIfOpen(CLOSE, new byte[] {(byte) (code >>> 8), (byte) code});
  }

  /** Says that this side is done. The reader sees the peer's answer as the end. */
  public void sendClose() {
    sendClose(NORMAL);
  }

  /** Ends the connection at once. */
  @Override
  public void close() {
    duplex.close();
  }

  /** The subprotocols a client offers, in its order, without bearer tokens that hide among them. */
  public static List<String> offeredProtocols(HttpExchange exchange) {
    return exchange.headers().elements("Sec-WebSocket-Protocol").stream()
        .filter(p -> !p.toLowerCase(Locale.ROOT).startsWith("base64url.bearer."))
        .toList();
  }
}
