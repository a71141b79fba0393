package io.jurumudi.controllers.pods;

import io.jurumudi.api.schema.Message;
import io.jurumudi.machinery.codec.Json;
import org.jspecify.annotations.Nullable;

/** Tells templates apart in names and labels. */
public final class TemplateHash {
  /** As upstream's names: letters and digits that spell no words. */
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private TemplateHash() {}

  /**
   * Ten letters and digits.
   *
   * @param collisions makes up for collisions of names; null for none
   */
  public static String of(Message<?> template, @Nullable Integer collisions) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (byte b : Json.write(template)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    if (collisions != null && collisions != 0) {
      hash = (hash ^ collisions) * 0x100000001b3L;
    }
    StringBuilder name = new StringBuilder(10);
    for (int i = 0; i < 10; i++) {
      name.append(ALPHABET.charAt((int) Long.remainderUnsigned(hash, ALPHABET.length())));
      hash = Long.divideUnsigned(hash, ALPHABET.length());
    }
    return name.toString();
  }
}
