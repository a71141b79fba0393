package io.jurumudi.http.spdy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.http.Headers;
import java.io.IOException;
import java.util.zip.Adler32;
import org.junit.jupiter.api.Test;

class HeaderBlocksTest {
  /** The checksum every zlib stream of SPDY/3 begins with. */
  @Test
  void theDictionaryIsTheDraftsOwn() {
    Adler32 sum = new Adler32();
    sum.update(HeaderBlocks.dictionary());
    assertThat(sum.getValue()).isEqualTo(0xe3c6a7c2L);
  }

  @Test
  void blocksShareOneCompressionStream() throws IOException {
    try (HeaderBlocks writer = new HeaderBlocks();
        HeaderBlocks reader = new HeaderBlocks()) {
      for (int i = 0; i < 50; i++) {
        Headers headers = Headers.of("streamType", "data", "port", "80", "x", "a", "x", "b" + i);
        Headers read = reader.read(writer.write(headers), 0);
        assertThat(read.get("streamtype")).isEqualTo("data");
        assertThat(read.all("x")).containsExactly("a", "b" + i);
      }
      assertThat(reader.read(writer.write(new Headers()), 0).toString()).isEqualTo("[]");
    }
  }

  @Test
  void rubbishIsRefused() {
    try (HeaderBlocks reader = new HeaderBlocks()) {
      assertThatThrownBy(() -> reader.read(new byte[] {1, 2, 3, 4, 5, 6}, 0))
          .isInstanceOf(IOException.class);
    }
  }
}
