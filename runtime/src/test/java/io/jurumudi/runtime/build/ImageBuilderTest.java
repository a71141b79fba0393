package io.jurumudi.runtime.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageArchives;
import io.jurumudi.runtime.image.ImagePuller;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.LayeredView;
import io.jurumudi.runtime.image.Registries;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whole builds on the machine's busybox: needs root, crun and busybox-static. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageBuilderTest {
  private final Path dir;
  private final ImageStore images;
  private final ImageBuilder builder;
  private final List<String> progress = new ArrayList<>();
  private int contexts;

  ImageBuilderTest() throws IOException {
    dir = Files.createTempDirectory("build");
    images = new ImageStore(new Linux(), dir.resolve("images"), Set::of);
    builder =
        new ImageBuilder(images, new ImagePuller(images, new Registries(r -> Optional.empty())));
  }

  @BeforeAll
  void base() throws IOException {
    HostBase.ensure(images);
  }

  @AfterAll
  void delete() throws IOException {
    FileTree.delete(dir);
  }

  private Path context(String dockerfile, Map<String, String> files) throws IOException {
    Path c = Files.createDirectories(dir.resolve("context" + contexts++));
    Files.writeString(c.resolve("Dockerfile"), dockerfile);
    for (Map.Entry<String, String> f : files.entrySet()) {
      Path p = c.resolve(f.getKey());
      Files.createDirectories(p.getParent());
      Files.writeString(p, f.getValue());
    }
    return c;
  }

  private Image build(String dockerfile, Map<String, String> files)
      throws BuildException, IOException {
    return build(BuildRequest.of(context(dockerfile, files), List.of("t:1")));
  }

  private Image build(BuildRequest request) throws BuildException, IOException {
    progress.clear();
    return builder.build(request, progress::add);
  }

  private LayeredView view(Image image) throws IOException {
    return images.layers().view(images.unpack(image));
  }

  @Test
  void buildsTheExampleOfTheIssue() throws Exception {
    String dockerfile =
        """
        # comment
        ARG BASE=jurumudi.local/busybox
        FROM ${BASE} AS pages
        ARG VERSION=1
        WORKDIR /www
        COPY index.html .
        RUN sed -i "s/@VERSION@/$VERSION/" index.html && \\
            # in between
            ls /proc >/dev/null

        FROM $BASE
        LABEL a="b c" \\
              d=e
        ENV PORT=8080 NAME="x y"
        ENV OLD style value
        WORKDIR /www
        WORKDIR sub
        COPY --from=pages --chown=1000:1001 /www /www
        USER 1000
        EXPOSE $PORT 53/udp
        VOLUME ["/data"]
        STOPSIGNAL SIGINT
        HEALTHCHECK --interval=5s --retries=2 CMD wget -q http://localhost
        ENTRYPOINT ["httpd", "-f", "-p", "8080"]
        CMD ["-h", "/www"]
        """;
    Map<String, String> files = Map.of("index.html", "version @VERSION@\n");
    Path context = context(dockerfile, files);
    BuildRequest request =
        BuildRequest.of(context, List.of("web:2")).withArguments(Map.of("VERSION", "2"));
    Image image = build(request);
    assertThat(view(image).text("/www/index.html")).isEqualTo("version 2\n");
    Stat s = Stat.of(view(image).find("/www/index.html").orElseThrow());
    assertThat(List.of(s.uid(), s.gid())).containsExactly(1000L, 1001L);
    assertThat(view(image).find("/etc/resolv.conf")).isEmpty();
    var c = image.config();
    assertThat(c.env()).contains("PORT=8080", "NAME=x y", "OLD=style value");
    assertThat(c.labels()).containsEntry("a", "b c").containsEntry("d", "e");
    assertThat(c.workingDir()).isEqualTo("/www/sub");
    assertThat(c.exposedPorts()).containsExactly("53/udp", "8080/tcp");
    assertThat(c.volumes()).containsExactly("/data");
    assertThat(c.user()).isEqualTo("1000");
    assertThat(c.stopSignal()).isEqualTo("SIGINT");
    assertThat(c.entrypoint()).containsExactly("httpd", "-f", "-p", "8080");
    assertThat(c.cmd()).containsExactly("-h", "/www");
    assertThat(c.healthcheck()).containsEntry("Interval", 5_000_000_000L);
    assertThat(images.find("docker.io/library/web:2")).contains(image);

    assertThat(build(request)).isEqualTo(image);
    assertThat(progress).filteredOn(l -> l.contains("RUN")).allMatch(l -> l.endsWith("(cached)"));

    // The same input in another store gives the same image: nothing of time or place is in it.
    ImageStore other = new ImageStore(new Linux(), dir.resolve("other"), Set::of);
    HostBase.ensure(other);
    Image again =
        new ImageBuilder(other, new ImagePuller(other, new Registries(r -> Optional.empty())))
            .build(request, l -> {});
    assertThat(again.manifest()).isEqualTo(image.manifest());
  }

  @Test
  void copiesAsDockerDoes() throws Exception {
    Map<String, String> files = new HashMap<>();
    files.put("a/one.txt", "1");
    files.put("a/two.md", "2");
    files.put("a/deep/three.txt", "3");
    files.put("secret.key", "s");
    files.put("keep.key", "k");
    files.put(".dockerignore", "*.key\n!keep.key\n**/*.md\n");
    Path context =
        context(
            """
            FROM jurumudi.local/busybox
            RUN mkdir -p /real && chmod 700 /real && ln -s real /link && rm /etc/group
            COPY a /link/
            COPY a/*.txt *.key /flat/
            COPY --chmod=640 a/one.txt /renamed
            COPY <<EOF /hello.txt
            from $HOSTNAME_OF-here
            EOF
            COPY <<'EOF' /raw.txt
            $NOT
            EOF
            ADD a.tar.gz /un/
            RUN <<EOF
            echo one > /ran
            echo two >> /ran
            EOF
            """,
            files);
    run(context, "tar", "czf", "a.tar.gz", "a/deep");
    LayeredView v = view(build(BuildRequest.of(context, List.of("copy"))));
    assertThat(v.text("/real/deep/three.txt")).isEqualTo("3");
    assertThat(v.find("/real/two.md")).isEmpty();
    assertThat(Stat.of(v.find("/real").orElseThrow()).permissions()).isEqualTo(0700);
    assertThat(v.list("/flat")).containsOnlyKeys("one.txt", "keep.key");
    assertThat(Stat.of(v.find("/renamed").orElseThrow()).permissions()).isEqualTo(0640);
    assertThat(v.text("/hello.txt")).isEqualTo("from -here\n");
    assertThat(v.text("/raw.txt")).isEqualTo("$NOT\n");
    assertThat(v.text("/un/a/deep/three.txt")).isEqualTo("3");
    assertThat(v.text("/ran")).isEqualTo("one\ntwo\n");
    assertThat(v.find("/etc/group")).isEmpty();
    assertThat(v.find("/etc/passwd")).isPresent();
  }

  @Test
  void buildsFromScratchAndOnlyWhatIsNeeded() throws Exception {
    Image image =
        build(
            """
            FROM scratch AS files
            COPY f /f
            FROM jurumudi.local/busybox AS never
            RUN exit 1
            FROM files
            ENTRYPOINT /f
            """,
            Map.of("f", "content"));
    assertThat(view(image).text("/f")).isEqualTo("content");
    assertThat(image.layers()).hasSize(1);
    assertThat(image.config().entrypoint()).containsExactly("/bin/sh", "-c", "/f");
  }

  @Test
  void runsTriggersOfTheBase() throws Exception {
    build(
        BuildRequest.of(
            context("FROM jurumudi.local/busybox\nONBUILD COPY f /got\n", Map.of()),
            List.of("onbuild:1")));
    Image child = build("FROM onbuild:1\nUSER nobody\nRUN id -u\n", Map.of("f", "x"));
    assertThat(view(child).text("/got")).isEqualTo("x");
    assertThat(child.config().onBuild()).isEmpty();
    assertThat(progress).contains("65534");
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    assertFails("FORM x\n", "Dockerfile:1: unknown instruction: FORM (did you mean FROM?)");
    assertFails("RUN x\n", "no build stage");
    assertFails(
        "FROM jurumudi.local/busybox\nRUN exit 7\n", "Dockerfile:2: process", "exit code: 7");
    assertFails(
        "FROM jurumudi.local/busybox\n\nCOPY nothing /\n",
        "Dockerfile:3:",
        "\"nothing\" not found");
    assertFails("FROM jurumudi.local/none\n", "no local image");
    assertFails("FROM jurumudi.local/busybox\nENV x\n", "two arguments");
    assertFails("FROM jurumudi.local/busybox\nCOPY <<E /x\nno end\n", "unterminated heredoc E");
    assertFails("FROM jurumudi.local/busybox\nCOPY --chown=who f /\n", "unable to find user who");
    assertFails("FROM Upper/Case\n", "lowercase");
  }

  private void assertFails(String dockerfile, String... parts) {
    assertThatThrownBy(() -> build(dockerfile, Map.of("f", "x")))
        .isInstanceOf(BuildException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void archivesGoRound() throws Exception {
    Image image = build("FROM jurumudi.local/busybox\nCMD [\"true\"]\n", Map.of());
    Path tar = dir.resolve("image.tar");
    try (OutputStream out = Files.newOutputStream(tar)) {
      new ImageArchives(images).export(List.of("t:1"), out);
    }
    Path layout = dir.resolve("layout");
    new ImageArchives(images).exportLayout(List.of("t:1"), layout);
    for (Path source : List.of(tar, layout)) {
      ImageStore other =
          new ImageStore(new Linux(), dir.resolve("import-" + source.getFileName()), Set::of);
      assertThat(new ImageArchives(other).importFrom(source))
          .containsExactly("docker.io/library/t:1");
      assertThat(other.find("t:1")).contains(image);
    }
    // Docker's own archives have no index.json.
    Path saved = Files.createDirectories(dir.resolve("saved"));
    run(saved, "tar", "xf", tar.toString());
    Files.delete(saved.resolve("index.json"));
    run(saved, "tar", "cf", tar.toString(), "blobs", "manifest.json");
    ImageStore docker = new ImageStore(new Linux(), dir.resolve("docker"), Set::of);
    new ImageArchives(docker).importFrom(tar);
    assertThat(docker.find("t:1").orElseThrow().id()).isEqualTo(image.id());
    docker.untag("t:1");
    assertThat(docker.usedBytes()).isZero();
  }

  private static void run(Path in, String... command) throws Exception {
    assertThat(new ProcessBuilder(command).directory(in.toFile()).inheritIO().start().waitFor())
        .isZero();
  }
}
