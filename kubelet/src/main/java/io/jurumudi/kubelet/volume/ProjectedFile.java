package io.jurumudi.kubelet.volume;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of a configuration-like volume.
 *
 * @param mode permission bits
 * @param owner user id; null leaves root
 */
@SuppressWarnings("ArrayRecordComponent") // equals is written out below
record ProjectedFile(byte[] content, int mode, @Nullable Long owner) {
  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof ProjectedFile f
        && mode == f.mode
        && Objects.equals(owner, f.owner)
        && Arrays.equals(content, f.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content) * 31 + mode;
  }
}
