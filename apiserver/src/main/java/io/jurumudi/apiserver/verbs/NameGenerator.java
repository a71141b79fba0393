package io.jurumudi.apiserver.verbs;

import java.util.random.RandomGenerator;

/** Makes names from prefixes, as upstream does: at most 63 characters, five of them random. */
final class NameGenerator {
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final int MAX_LENGTH = 63;
  private static final int RANDOM_LENGTH = 5;

  private final RandomGenerator random;

  NameGenerator(RandomGenerator random) {
    this.random = random;
  }

  String generate(String prefix) {
    StringBuilder name =
        new StringBuilder(
            prefix.substring(0, Math.min(prefix.length(), MAX_LENGTH - RANDOM_LENGTH)));
    for (int i = 0; i < RANDOM_LENGTH; i++) {
      name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return name.toString();
  }
}
