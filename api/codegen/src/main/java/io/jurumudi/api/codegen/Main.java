package io.jurumudi.api.codegen;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Generates the model: {@code Main FACTS SOURCES RESOURCES}. Does nothing when neither the facts
 * nor the generator have changed since the last run, which a stamp in SOURCES tells.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException, URISyntaxException {
    Path facts = Path.of(args[0]);
    Path sources = Path.of(args[1]);
    Path resources = Path.of(args[2]);
    Path stamp = sources.resolve(".stamp");
    String now = digest(facts);
    if (Files.exists(stamp) && Files.readString(stamp).equals(now)) {
      return;
    }
    clear(sources);
    clear(resources);
    Facts all = Facts.read(facts);
    generate(all, facts, sources);
    Documentation.read().write(all, resources.resolve("io/jurumudi/api/schema/docs.bin"));
    Files.writeString(stamp, now);
  }

  private static void generate(Facts facts, Path dir, Path sources) throws IOException {
    Map<String, List<String>> typeFacts = new HashMap<>();
    for (String line : Files.readAllLines(dir.resolve("fields.tsv"))) {
      String[] row = line.split("\t", -1);
      if (row.length > 2 && row[1].equals("(type)")) {
        typeFacts.put(row[0], List.of(row).subList(2, row.length));
      }
    }
    TreeSet<String> packages = new TreeSet<>();
    for (Facts.Type type : facts.types().values()) {
      Java java = type.java();
      packages.add(java.pkg());
      write(sources, java.pkg(), java.name(), new RecordWriter(type, typeFacts).write());
    }
    for (String name : packages) {
      write(
          sources,
          name,
          "package-info",
          """
          /** Types of the Kubernetes API, generated. */
          @NullMarked
          package %s;

          import org.jspecify.annotations.NullMarked;
          """
              .formatted(name));
    }
    ResourcesWriter index = new ResourcesWriter(facts);
    write(sources, "io.jurumudi.api", "Resources", index.resources());
    write(sources, "io.jurumudi.api", "SchemaIndex", index.schemas());
  }

  private static void write(Path root, String pkg, String name, String text) throws IOException {
    Path dir = root.resolve(pkg.replace('.', '/'));
    Files.createDirectories(dir);
    Files.writeString(dir.resolve(name + ".java"), text);
  }

  private static void clear(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    Files.walkFileTree(
        dir,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** A digest of the facts and of the generator's own classes. */
  private static String digest(Path facts) throws IOException, URISyntaxException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Path self = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path root : List.of(facts, self)) {
        try (Stream<Path> files = Files.walk(root)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
            try (InputStream in = Files.newInputStream(file)) {
              digest.update(in.readAllBytes());
            }
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
