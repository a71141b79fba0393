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
  private static final String APIS = "io/kubernetes/client/openapi/apis/";

  /** Types that the model has as scalars; their own texts are kept. */
  private static final List<String> SCALARS =
      List.of(
          "io.k8s.apimachinery.pkg.api.resource.Quantity",
          "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
          "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
          "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
          "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
          "io.k8s.apimachinery.pkg.runtime.RawExtension",
          "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
          "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
          "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray",
          "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
          "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray");

  /** Under which name the texts of parameters stand that belong to no type. */
  private static final String PARAMETERS = "parameters";

  private static final Pattern PARAMETER =
      Pattern.compile("\\* @param (\\w+) (.*) \\((required|optional)(?:, [^)]*)?\\)");

  private static final List<String> GENERAL =
      List.of("namespacerequired", "pathrequired", "prettyoptional");
  private static final Pattern FIELD = Pattern.compile("<code>.* = (\\d+)(?: \\[.*])?;</code>");
  private static final Pattern TYPE = Pattern.compile("Protobuf type \\{@code ([\\w.]+)}");
  private static final Pattern INTERFACE =
      Pattern.compile("@@protoc_insertion_point\\(interface_extends:([\\w.]+)\\)");
  private static final Pattern MODEL = Pattern.compile("@ApiModel\\(description = \"(.*)\"\\)");
  private static final Pattern NAME =
      Pattern.compile("public static final String SERIALIZED_NAME_\\w+ = \"(.*)\";");
  private static final Pattern PROPERTY =
      Pattern.compile("@ApiModelProperty\\((?:required = true, )?value = \"(.*)\"\\)");

  private static final Pattern GETTER = Pattern.compile("\\* @return (\\w+)");
  private static final Pattern MEMBER = Pattern.compile("private \\S.* (\\w+)(?: = .*)?;");

  /** Comments, line by line, by OpenAPI type name and field number; number 0 is the type's own. */
  private final Map<String, Map<Integer, List<String>>> byNumber = new HashMap<>();

  /** Text by Java model class and JSON name; "" is the type's own. */
  private final Map<String, Map<String, String>> byModel = new HashMap<>();

  /** Every text of the OpenAPI client by its letters: it repeats a type's text where it is used. */
  private final Map<String, String> byLetters = new HashMap<>();

  private final Map<String, String> parameters = new TreeMap<>();

  static Documentation read() throws IOException {
    Documentation documentation = new Documentation();
    documentation.jar(PROTO, PROTO + "V1.java");
    documentation.jar(MODELS, MODELS + "V1Pod.java");
    documentation.jar(APIS, APIS + "CoreV1Api.java");
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
        if (!name.startsWith(folder)
            || !name.endsWith(".java")
            || (folder.equals(APIS) && !name.equals(member))) {
          continue;
        }
        try (BufferedReader in =
            new BufferedReader(
                new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8))) {
          if (folder.equals(PROTO)) {
            proto(in);
          } else if (folder.equals(APIS)) {
            parameters(in);
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
    String name =
        "io.k8s." + type.substring(Math.min(type.length(), "k8s.io.".length())).replace('_', '-');
    byNumber
        .computeIfAbsent(name, _ -> new HashMap<>())
        .computeIfAbsent(number, _ -> lines(comment));
  }

  /** The lines that are for users: instructions to generators and notes to developers go. */
  private static List<String> lines(List<String> comment) {
    List<String> lines = new ArrayList<>();
    for (String raw : comment) {
      String line = unescape(raw).stripTrailing();
      String leading = line.stripLeading();
      if (leading.equals("---")) {
        break;
      }
      if (!leading.startsWith("TODO") && !leading.startsWith("+")) {
        lines.add(line);
      }
    }
    return lines;
  }

  /** Joins lines to paragraphs. */
  private static String text(List<String> lines) {
    StringBuilder out = new StringBuilder();
    for (String line : lines) {
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

  private void parameters(BufferedReader in) throws IOException {
    for (String line; (line = in.readLine()) != null; ) {
      Matcher matcher = PARAMETER.matcher(line);
      if (matcher.find()) {
        String text = matcher.group(2).replace("&#39;", "'").replace("\\&quot;", "\"");
        text = unescape(text).replace("&#x60;", "`").replace("&#x3D;", "=");
        byLetters.putIfAbsent(letters(text), text);
        if (GENERAL.contains(matcher.group(1) + matcher.group(3))) {
          parameters.putIfAbsent(matcher.group(1), text);
        }
      }
    }
  }

  private void model(String className, BufferedReader in) throws IOException {
    Map<String, String> texts = new HashMap<>();
    Map<String, String> names = new HashMap<>(); // JSON names by Java field
    String name = "";
    String getter = "";
    for (String line; (line = in.readLine()) != null; ) {
      texts.putIfAbsent("", unquote(found(MODEL, line)));
      texts.remove("", "");
      name = found(NAME, line).isEmpty() ? name : found(NAME, line);
      getter = found(GETTER, line).isEmpty() ? getter : found(GETTER, line);
      if (!name.isEmpty() && !found(MEMBER, line).isEmpty()) {
        names.put(found(MEMBER, line), name);
        name = "";
      }
      if (names.containsKey(getter) && !found(PROPERTY, line).isEmpty()) {
        texts.put(names.get(getter), unquote(found(PROPERTY, line)));
      }
    }
    byModel.put(className, texts);
    texts.values().removeIf(String::isBlank);
    texts.values().forEach(text -> byLetters.putIfAbsent(letters(text), text));
  }

  /** What stands in the parentheses of a pattern; empty where it does not match. */
  private static String found(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static String letters(String text) {
    return text.replaceAll("\\s+", "");
  }

  /**
   * @param flat the text of the OpenAPI client, null to look for it
   * @param lines the comment of the protobuf client
   */
  private String joined(@Nullable String flat, List<String> lines) {
    String text = text(lines);
    String words = flat == null || isScalars(flat) ? byLetters.get(letters(text)) : flat;
    return words == null ? text : Paragraphs.restore(words, lines);
  }

  private static String unquote(String literal) {
    return literal
        .replace("\\n", "\n")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\")
        .replace("*_/", "*/") // so that it can stand in a comment
        .replace("/_*", "/*");
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
    List<String> lines = byNumber.getOrDefault(type, Map.of()).getOrDefault(number, List.of());
    if (!text(lines).isEmpty()) {
      texts.put(field, joined(texts.get(field), lines));
    } else if (number > 0 && byNumber.containsKey(type)) {
      texts.remove(field); // The OpenAPI client tells the text of the field's type instead.
    }
  }

  /** The OpenAPI client tells the text of some types where they are used. */
  private boolean isScalars(String flat) {
    String letters = letters(flat);
    return SCALARS.stream()
        .map(type -> byNumber.getOrDefault(type, Map.of()).getOrDefault(0, List.of()))
        .anyMatch(lines -> letters(text(lines)).equals(letters));
  }

  /** Writes the resource that {@code io.jurumudi.api.schema.Docs} reads and describes. */
  void write(Facts facts, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      DataOutputStream data = new DataOutputStream(all);
      for (Facts.Type type : facts.types().values()) {
        entry(data, type.name(), of(type));
      }
      for (String type : SCALARS) {
        entry(
            data,
            type,
            Map.of(
                "",
                joined(null, byNumber.getOrDefault(type, Map.of()).getOrDefault(0, List.of()))));
      }
      entry(data, PARAMETERS, parameters);
      data.writeUTF("");
      data.writeInt(0);
      all.writeTo(out);
    }
  }

  private static void entry(DataOutputStream data, String name, Map<String, String> texts)
      throws IOException {
    if (texts.isEmpty()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    texts.forEach(
        (field, text) ->
            lines.append(field).append('\t').append(text.replace('\n', '\r')).append('\n'));
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(deflated)) {
      deflater.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
    data.writeUTF(name);
    data.writeInt(deflated.size());
    data.write(deflated.toByteArray());
  }
}
