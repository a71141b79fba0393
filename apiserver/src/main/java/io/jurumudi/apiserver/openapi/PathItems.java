package io.jurumudi.apiserver.openapi;

import static io.jurumudi.apiserver.openapi.Components.tree;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.apiserver.openapi.Operation.Body;
import io.jurumudi.apiserver.openapi.Operation.Content;
import io.jurumudi.apiserver.openapi.Operation.Parameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Operations as OpenAPI has them: by path, with what all of a path have in common told once. */
final class PathItems {
  private final Components components;
  private final boolean v3;
  private final Map<String, List<Operation>> byPath = new TreeMap<>();

  /**
   * @param components takes the types that operations refer to
   */
  PathItems(Components components, List<Operation> operations) {
    this.components = components;
    this.v3 = components.v3();
    for (Operation one : operations) {
      byPath.computeIfAbsent(one.path(), p -> new ArrayList<>()).add(one);
    }
  }

  Map<String, @Nullable Object> all() {
    Map<String, @Nullable Object> paths = new TreeMap<>();
    byPath.forEach((path, operations) -> paths.put(path, item(operations)));
    return paths;
  }

  private Map<String, @Nullable Object> item(List<Operation> operations) {
    Set<Parameter> common = new LinkedHashSet<>(operations.getFirst().parameters());
    operations.forEach(operation -> common.retainAll(operation.parameters()));
    Map<String, @Nullable Object> item = new LinkedHashMap<>();
    for (Operation operation : operations) {
      item.put(operation.method(), operation(operation, common));
    }
    if (!common.isEmpty()) {
      item.put("parameters", parameters(common, null));
    }
    return item;
  }

  private Map<String, @Nullable Object> operation(Operation of, Set<Parameter> common) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("tags", List.of(of.tag()));
    tree.put("description", of.description());
    if (!v3) {
      if (!of.consumes().isEmpty()) {
        tree.put("consumes", of.consumes());
      }
      tree.put("produces", of.produces());
      tree.put("schemes", List.of("https"));
    }
    tree.put("operationId", of.id());
    List<Parameter> own = new ArrayList<>(of.parameters());
    own.removeAll(common);
    Body body = of.body();
    List<Object> parameters = parameters(own, v3 ? null : body);
    if (!parameters.isEmpty()) {
      tree.put("parameters", parameters);
    }
    if (v3 && body != null) {
      Map<String, @Nullable Object> sent = tree("content", content(of.consumes(), body.content()));
      if (body.required()) {
        sent.put("required", true);
      }
      tree.put("requestBody", sent);
    }
    tree.put("responses", responses(of));
    if (!of.action().isEmpty()) {
      tree.put("x-kubernetes-action", of.action());
    }
    GroupVersionKind kind = of.kind();
    if (kind != null) {
      tree.put(
          "x-kubernetes-group-version-kind",
          tree("group", kind.group(), "version", kind.version(), "kind", kind.kind()));
    }
    return tree;
  }

  /** Sorted by name; in version 2 the body is one of them. */
  private List<Object> parameters(Iterable<Parameter> parameters, @Nullable Body body) {
    List<Parameter> sorted = new ArrayList<>();
    parameters.forEach(sorted::add);
    sorted.sort(Comparator.comparing(Parameter::name).thenComparing(Parameter::in));
    List<Object> trees = new ArrayList<>();
    boolean told = body == null;
    for (Parameter parameter : sorted) {
      if (!told && parameter.name().compareTo("body") > 0) {
        trees.add(body(body));
        told = true;
      }
      trees.add(parameter(parameter));
    }
    if (!told) {
      trees.add(body(body));
    }
    return trees;
  }

  private Map<String, @Nullable Object> body(@Nullable Body body) {
    Map<String, @Nullable Object> tree = tree("name", "body", "in", "body");
    if (body != null) {
      if (body.required()) {
        tree.put("required", true);
      }
      tree.put("schema", schema(body.content()));
    }
    return tree;
  }

  /** In the order in which upstream writes it: a hash of this text is part of shared names. */
  private Map<String, @Nullable Object> parameter(Parameter parameter) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    if (!v3) {
      tree.put("uniqueItems", true);
      tree.put("type", parameter.type());
    }
    if (!parameter.description().isEmpty()) {
      tree.put("description", parameter.description());
    }
    tree.put("name", parameter.name());
    tree.put("in", parameter.in());
    if (parameter.required()) {
      tree.put("required", true);
    }
    if (v3) {
      tree.put("schema", tree("type", parameter.type(), "uniqueItems", true));
    }
    return tree;
  }

  private Map<String, @Nullable Object> responses(Operation of) {
    Map<String, @Nullable Object> responses = new TreeMap<>();
    of.answers()
        .forEach(
            (code, content) -> {
              Map<String, @Nullable Object> answer =
                  tree(
                      "description",
                      switch (code) {
                        case 201 -> "Created";
                        case 202 -> "Accepted";
                        default -> "OK";
                      });
              if (v3) {
                answer.put("content", content(of.produces(), content));
              } else {
                answer.put("schema", schema(content));
              }
              responses.put(code.toString(), answer);
            });
    responses.put("401", tree("description", "Unauthorized"));
    return responses;
  }

  private Map<String, @Nullable Object> content(List<String> mediaTypes, Content content) {
    Map<String, @Nullable Object> all = new TreeMap<>();
    mediaTypes.forEach(type -> all.put(type, tree("schema", schema(content))));
    return all;
  }

  private Map<String, @Nullable Object> schema(Content content) {
    return switch (content) {
      case Content.Of of -> components.ref(of.schema());
      case Content.Named named -> components.named(named.type());
      case Content.Text() -> tree("type", "string");
    };
  }
}
