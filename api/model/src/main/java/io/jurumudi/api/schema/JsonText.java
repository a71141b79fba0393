package io.jurumudi.api.schema;

import io.jurumudi.api.util.RawJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of JSON, byte for byte as Go's encoding/json writes it: no white space, {@code
 * <}, {@code >}, {@code &} and the line separators escaped. Not safe for use by several threads.
 */
final class JsonText {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

  private byte[] buffer;
  private int size;

  JsonText(int capacity) {
    buffer = new byte[capacity];
  }

  byte[] toArray() {
    return Arrays.copyOf(buffer, size);
  }

  private void reserve(int more) {
    if (size + more > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(size + more, buffer.length * 2));
    }
  }

  void open(char bracket) {
    reserve(1);
    buffer[size++] = (byte) bracket;
  }

  void close(char bracket) {
    open(bracket);
  }

  /** Separates from what stands before, unless that opens something. */
  void comma() {
    byte last = buffer[size - 1];
    if (last != '{' && last != '[') {
      open(',');
    }
  }

  void bytes(byte[] ascii) {
    reserve(ascii.length);
    System.arraycopy(ascii, 0, buffer, size, ascii.length);
    size += ascii.length;
  }

  /** A key that is not known to be plain. */
  void key(String name) {
    string(name);
    open(':');
  }

  void nothing() {
    bytes(NULL);
  }

  void bool(boolean value) {
    bytes(value ? TRUE : FALSE);
  }

  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int): the text is ASCII
  private void ascii(String text) {
    int length = text.length();
    reserve(length);
    text.getBytes(0, length, buffer, size);
    size += length;
  }

  void number(long value) {
    if (value >= 0 && value < 10) {
      open((char) ('0' + value));
    } else {
      ascii(Long.toString(value));
    }
  }

  void number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("json: unsupported value: " + value);
    }
    ascii(Scalars.number(value));
  }

  void string(String text) {
    int length = text.length();
    reserve(length + 2);
    buffer[size++] = '"';
    int at = 0;
    while (at < length && plain(text.charAt(at))) {
      buffer[size++] = (byte) text.charAt(at++);
    }
    if (at < length) {
      rest(text, at);
    }
    open('"');
  }

  private static boolean plain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  }

  private void rest(String text, int from) {
    int length = text.length();
    for (int i = from; i < length; i++) {
      reserve(6 + length - i);
      char c = text.charAt(i);
      if (plain(c)) {
        buffer[size++] = (byte) c;
      } else if (c < 0x80) {
        escape((byte) c);
      } else if (c < 0x800) {
        buffer[size++] = (byte) (0xc0 | c >> 6);
        buffer[size++] = (byte) (0x80 | (c & 0x3f));
      } else if (c == 0x2028 || c == 0x2029) {
        unicode(c);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        int code = Character.toCodePoint(c, text.charAt(++i));
        buffer[size++] = (byte) (0xf0 | code >> 18);
        buffer[size++] = (byte) (0x80 | (code >> 12 & 0x3f));
        buffer[size++] = (byte) (0x80 | (code >> 6 & 0x3f));
        buffer[size++] = (byte) (0x80 | (code & 0x3f));
      } else if (Character.isSurrogate(c)) {
        unicode('\ufffd'); // half a character: Go writes the replacement character so
      } else {
        buffer[size++] = (byte) (0xe0 | c >> 12);
        buffer[size++] = (byte) (0x80 | (c >> 6 & 0x3f));
        buffer[size++] = (byte) (0x80 | (c & 0x3f));
      }
    }
  }

  private void escape(byte c) {
    switch (c) {
      case '"', '\\' -> twoBytes(c);
      case '\b' -> twoBytes((byte) 'b');
      case '\f' -> twoBytes((byte) 'f');
      case '\n' -> twoBytes((byte) 'n');
      case '\r' -> twoBytes((byte) 'r');
      case '\t' -> twoBytes((byte) 't');
      case 0x7f -> buffer[size++] = c;
      default -> unicode((char) c);
    }
  }

  private void twoBytes(byte c) {
    buffer[size++] = '\\';
    buffer[size++] = c;
  }

  private void unicode(char c) {
    reserve(6);
    buffer[size++] = '\\';
    buffer[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      buffer[size++] = HEX[c >> shift & 15];
    }
  }

  /** JSON from elsewhere: its white space goes, and what Go escapes is escaped. */
  void raw(RawJson json) {
    int length = json.size();
    reserve(length);
    boolean inString = false;
    for (int i = 0; i < length; i++) {
      byte c = json.at(i);
      if (c == '<' || c == '>' || c == '&') {
        unicode((char) c);
        reserve(length - i);
      } else if (c == (byte) 0xe2
          && i + 2 < length
          && json.at(i + 1) == (byte) 0x80
          && (json.at(i + 2) & 0xfe) == 0xa8) {
        unicode((char) (0x2028 | (json.at(i + 2) & 1)));
        reserve(length - i);
        i += 2;
      } else if (inString) {
        buffer[size++] = c;
        if (c == '\\' && i + 1 < length) {
          buffer[size++] = json.at(++i);
        } else if (c == '"') {
          inString = false;
        }
      } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        buffer[size++] = c;
        inString = c == '"';
      }
    }
  }
}
