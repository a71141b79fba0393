package io.jurumudi.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test has a mount namespace of its own, so nothing can be left mounted. */
class MountsTest {
  private final Linux linux = new Linux();
  private final Mounts mounts = linux.mounts();

  private final Path dir;

  MountsTest(@TempDir Path dir) {
    this.dir = dir;
  }

  private interface Body {
    void run() throws Exception;
  }

  private void isolated(Body body) {
    linux
        .namespaces()
        .insideNew(
            EnumSet.of(Namespace.MOUNT),
            () -> {
              body.run();
              return true;
            });
  }

  private Path make(String name) throws Exception {
    return Files.createDirectory(dir.resolve(name));
  }

  @Test
  void overlayShowsTheUppermostOfAFileAndWritesToUpper() throws Exception {
    Path a = make("a");
    Path b = make("b:with,comma");
    Path upper = make("upper");
    Path work = make("work");
    Path merged = make("merged");
    Files.writeString(a.resolve("f"), "from a");
    Files.writeString(b.resolve("f"), "from b");
    Files.writeString(b.resolve("g"), "g");
    isolated(
        () -> {
          mounts.tmpfs(upper, 1 << 20, "0755"); // overlay on overlay is not to be had everywhere
          Path up = Files.createDirectory(upper.resolve("u"));
          Path wo = Files.createDirectory(upper.resolve("w"));
          mounts.overlay(List.of(a, b), up, wo, merged, List.of());
          assertThat(Files.readString(merged.resolve("f"))).isEqualTo("from a");
          assertThat(Files.readString(merged.resolve("g"))).isEqualTo("g");
          Files.writeString(merged.resolve("h"), "new");
          assertThat(Files.readString(up.resolve("h"))).isEqualTo("new");
          assertThat(mounts.isMountPoint(merged)).isTrue();
          assertThat(mounts.detachAll(dir)).isEqualTo(2);
          assertThat(mounts.isMountPoint(merged)).isFalse();
          assertThat(mounts.unmount(merged)).isFalse();
        });
    assertThat(Files.exists(work)).isTrue();
  }

  @Test
  void overlayTakesMoreLayersThanFitInAPageOfOptions() throws Exception {
    List<Path> layers = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      Path layer = make("layer-with-quite-a-long-name-so-that-the-page-is-full-" + i);
      Files.writeString(layer.resolve("file" + i), "" + i);
      layers.add(layer);
    }
    Path merged = make("merged");
    isolated(
        () -> {
          mounts.overlay(layers, null, null, merged, List.of());
          assertThat(Files.readString(merged.resolve("file0"))).isEqualTo("0");
          assertThat(Files.readString(merged.resolve("file119"))).isEqualTo("119");
        });
  }

  @Test
  void readOnlyBindRefusesWrites() throws Exception {
    Path from = make("from");
    Path to = make("to with blank");
    Files.writeString(from.resolve("f"), "x");
    isolated(
        () -> {
          mounts.bind(from, to, true);
          mounts.remountReadOnlyRecursively(to);
          assertThat(Files.readString(to.resolve("f"))).isEqualTo("x");
          assertThatThrownBy(() -> Files.writeString(to.resolve("f"), "y"))
              .hasMessageContaining("Read-only");
          MountInfo info =
              mounts.list().stream()
                  .filter(m -> m.target().getFileName() != null && m.target().endsWith(to))
                  .findFirst()
                  .orElseThrow();
          assertThat(info.options()).contains("ro");
        });
    assertThat(to).isEmptyDirectory();
  }

  @Test
  void aRefusalNamesCallAndReason() {
    assertThatThrownBy(() -> mounts.bind(dir.resolve("absent"), dir, false))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("mount " + dir.resolve("absent"))
        .hasMessageContaining("ENOENT");
  }

  @Test
  void filesTheKernelsWay() throws Exception {
    UnixFiles files = linux.files();
    Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("nowhere"));
    files.chown(link, 1234, 5678);
    files.setTimes(link, 1_000_000_000, 5);
    assertThat(Files.getAttribute(link, "unix:uid", java.nio.file.LinkOption.NOFOLLOW_LINKS))
        .isEqualTo(1234);
    assertThat(Files.getLastModifiedTime(link, java.nio.file.LinkOption.NOFOLLOW_LINKS).toInstant())
        .isEqualTo(java.time.Instant.ofEpochSecond(1_000_000_000, 5));
    Path device = dir.resolve("null");
    files.mknod(device, UnixFiles.CHARACTER_DEVICE, 0666, 1, 3);
    assertThat(Files.readAllBytes(device)).isEmpty();
    assertThat(Files.getAttribute(device, "unix:rdev")).isEqualTo(UnixFiles.device(1, 3));
    Path f = Files.writeString(dir.resolve("f"), "f");
    files.setXattr(f, "trusted.overlay.opaque", new byte[] {'y'});
    assertThat(files.listXattrs(f)).containsExactly("trusted.overlay.opaque");
    assertThat(files.getXattr(f, "trusted.overlay.opaque").map(v -> v[0]))
        .isEqualTo(Optional.of((byte) 'y'));
    files.removeXattr(f, "trusted.overlay.opaque");
    assertThat(files.getXattr(f, "trusted.overlay.opaque")).isEmpty();
    files.chmod(f, 06711);
    assertThat((int) Files.getAttribute(f, "unix:mode") & 07777).isEqualTo(06711);
    Path g = Files.writeString(dir.resolve("g"), "g");
    files.exchange(f, g);
    assertThat(Files.readString(f)).isEqualTo("g");
    UnixFiles.Space space = files.space(dir);
    assertThat(space.totalBytes()).isGreaterThan(space.availableBytes()).isPositive();
    assertThat(space.freeInodes()).isPositive();
    files.syncFileSystem(dir);
  }
}
