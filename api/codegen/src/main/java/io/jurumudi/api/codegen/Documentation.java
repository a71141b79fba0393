package io.jurumudi.api.codegen;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Upstream's documentation, taken from the sources of the published Java clients: the protobuf
 * client's comments, which are those of Kubernetes' own sources line by line, and for types it
 * lacks the OpenAPI client's annotations.
 */
final class Documentation {
  private static final String PROTO = "io/kubernetes/client/proto/";
  private static final String MODELS = "io/kubernetes/client/openapi/models/";
  private static final Pattern FIELD = Pattern.compile("<code>.* = (\\d+)(?: \\[.*])?;</code>");
  private static final Pattern TYPE = Pattern.compile("Protobuf type \\{@code ([\\w.]+)}");
  private static final Pattern INTERFACE =
      Pattern.compile("@@protoc_insertion_point\\(interface_extends:([\\w.]+)\\)");
  private static final Pattern MODEL = Pattern.compile("@ApiModel\\(description = \"(.*)\"\\)");
  private static final Pattern NAME =
      Pattern.compile("public static final String SERIALIZED_NAME_\\w+ = \"(.*)\";");
  private static final Pattern PROPERTY =
      Pattern.compile("@ApiModelProperty\\((?:required = true, )?value = \"(.*)\"\\)");

  /** Text by OpenAPI type name and field number; number 0 is the type's own. */
  private final Map<String, Map<Integer, String>> byNumber = new HashMap<>();

  /** Text by Java model class and JSON name; "" is the type's own. */
  private final Map<String, Map<String, String>> byModel = new HashMap<>();

  static Documentation read() throws IOException {
    Documentation documentation = new Documentation();
    documentation.jar(PROTO, PROTO + "V1.java");
    documentation.jar(MODELS, MODELS + "V1Pod.java");
    return documentation;
  }

  private void jar(String folder, String member) throws IOException {
    URL url = Documentation.class.getClassLoader().getResource(member);
    if (url == null || !(url.openConnection() instanceof JarURLConnection connection)) {
      throw new IOException(member + " is not on the generator's class path");
    }
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry : jar.stream().toList()) {
        String name = entry.getName();
        if (!name.startsWith(folder) || !name.endsWith(".java")) {
          continue;
        }
        try (BufferedReader in =
            new BufferedReader(
                new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8))) {
          if (folder.equals(PROTO)) {
            proto(in);
          } else {
            model(name.substring(folder.length(), name.length() - ".java".length()), in);
          }
        }
      }
    }
  }

  private void proto(BufferedReader in) throws IOException {
    String type = "";
    List<String> comment = new ArrayList<>();
    boolean inPre = false;
    for (String line; (line = in.readLine()) != null; ) {
      String text = line.strip();
      if (text.equals("/**")) {
        comment.clear();
      } else if (text.equals("* <pre>")) {
        inPre = true;
      } else if (text.equals("* </pre>")) {
        inPre = false;
      } else if (inPre) {
        comment.add(text.length() > 2 ? text.substring(2) : "");
      } else if (text.startsWith("* <code>")) {
        Matcher field = FIELD.matcher(text);
        if (field.find()) {
          put(type, Integer.parseInt(field.group(1)), comment);
        }
      } else if (text.startsWith("* Protobuf type")) {
        Matcher matcher = TYPE.matcher(text);
        if (matcher.find()) {
          put(matcher.group(1), 0, comment);
        }
      } else if (text.startsWith("// @@protoc_insertion_point(interface_extends:")) {
        Matcher matcher = INTERFACE.matcher(text);
        if (matcher.find()) {
          type = matcher.group(1);
        }
      }
    }
  }

  private void put(String type, int number, List<String> comment) {
    String name = "io.k8s." + type.substring(Math.min(type.length(), "k8s.io.".length()));
    byNumber
        .computeIfAbsent(name, _ -> new HashMap<>())
        .computeIfAbsent(number, _ -> text(comment));
  }

  /** Joins lines to paragraphs; instructions to generators and notes to developers go. */
  private static String text(List<String> lines) {
    StringBuilder out = new StringBuilder();
    for (String raw : lines) {
      String line = unescape(raw).stripTrailing();
      String leading = line.stripLeading();
      if (leading.equals("---")) {
        break;
      }
      if (leading.startsWith("TODO") || leading.startsWith("+")) {
        continue;
      }
      if (line.isEmpty()) {
        dropSpace(out).append("\n\n");
      } else if (line.startsWith(" ") || line.startsWith("\t")) {
        dropSpace(out).append('\n').append(line).append('\n');
      } else {
        out.append(line).append(' ');
      }
    }
    return out.toString().strip();
  }

  private static StringBuilder dropSpace(StringBuilder out) {
    int last = out.length() - 1;
    if (last >= 0 && (out.charAt(last) == ' ' || out.charAt(last) == '\n')) {
      out.setLength(last);
    }
    return out;
  }

  private static String unescape(String text) {
    return text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#64;", "@")
        .replace("&#92;", "\\")
        .replace("&#42;", "*")
        .replace("&#47;", "/")
        .replace("&amp;", "&");
  }

  private void model(String className, BufferedReader in) throws IOException {
    Map<String, String> texts = new HashMap<>();
    List<String> names = new ArrayList<>();
    int property = 0;
    for (String line; (line = in.readLine()) != null; ) {
      Matcher model = MODEL.matcher(line);
      Matcher name = NAME.matcher(line);
      Matcher value = PROPERTY.matcher(line);
      if (model.find()) {
        texts.put("", unquote(model.group(1)));
      } else if (name.find()) {
        names.add(name.group(1));
      } else if (value.find() && property < names.size()) {
        texts.put(names.get(property++), unquote(value.group(1)));
      }
    }
    byModel.put(className, texts);
  }

  private static String unquote(String literal) {
    return literal.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
  }

  private @Nullable Map<String, String> model(Facts.Type type) {
    String[] parts = type.name().split("\\.", -1);
    String name = parts[parts.length - 1];
    String version = capital(parts[parts.length - 2]);
    Map<String, String> model = byModel.get(version + name);
    return model != null ? model : byModel.get(capital(parts[parts.length - 3]) + version + name);
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private Map<String, String> of(Facts.Type type) {
    Map<String, String> texts = new TreeMap<>();
    Map<String, String> model = model(type);
    if (model != null) {
      texts.putAll(model);
    }
    put(texts, "", type.name(), 0);
    for (Facts.Member member : type.members()) {
      if (!member.path().isEmpty()) {
        put(texts, member.json(), member.owner(), member.path().getLast());
      }
    }
    texts.values().removeIf(String::isEmpty);
    return texts;
  }

  private void put(Map<String, String> texts, String field, String type, int number) {
    String text = byNumber.getOrDefault(type, Map.of()).get(number);
    if (text != null && !text.isEmpty()) {
      texts.put(field, text);
    }
  }

  /** Writes the resource that {@code io.jurumudi.api.schema.Docs} reads and describes. */
  void write(Facts facts, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      DataOutputStream data = new DataOutputStream(all);
      for (Facts.Type type : facts.types().values()) {
        Map<String, String> texts = of(type);
        if (texts.isEmpty()) {
          continue;
        }
        StringBuilder lines = new StringBuilder();
        texts.forEach(
            (field, text) ->
                lines.append(field).append('\t').append(text.replace('\n', '\r')).append('\n'));
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(deflated)) {
          deflater.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        data.writeUTF(type.name());
        data.writeInt(deflated.size());
        data.write(deflated.toByteArray());
      }
      data.writeUTF("");
      data.writeInt(0);
      all.writeTo(out);
    }
  }
}
