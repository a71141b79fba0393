package io.jurumudi.apiserver.openapi;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.core.v1.PodLogOptions;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.Subresource;
import io.jurumudi.api.meta.v1.CreateOptions;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.ListOptions;
import io.jurumudi.api.meta.v1.PatchOptions;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.UpdateOptions;
import io.jurumudi.api.meta.v1.WatchEvent;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.FieldType;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.openapi.Operation.Body;
import io.jurumudi.apiserver.openapi.Operation.Content;
import io.jurumudi.apiserver.openapi.Operation.Parameter;
import io.jurumudi.apiserver.registry.Served;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The operations of resources, with upstream's names of them: client generators make methods of
 * operation ids (staging/src/k8s.io/apiserver/pkg/endpoints/installer.go says how they are made).
 */
final class ResourceOperations {
  static final List<String> MEDIA_TYPES =
      List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
  private static final List<String> CUSTOM_MEDIA_TYPES =
      List.of("application/json", "application/yaml");
  private static final List<String> ANY = List.of("*/*");
  private static final List<String> PATCHES =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json",
          "application/apply-patch+yaml");
  private static final Content PATCH =
      new Content.Named("io.k8s.apimachinery.pkg.apis.meta.v1.Patch");
  private static final Content EVENT = new Content.Of(WatchEvent.SCHEMA);
  private static final Content STATUS = new Content.Of(Status.SCHEMA);
  private static final Body DELETE_OPTIONS = new Body(new Content.Of(DeleteOptions.SCHEMA), false);

  /** Upstream lists these in the options of a DELETE, but not in a DELETE of many. */
  private static final Set<String> ONLY_LISTS = Set.of("watch", "allowWatchBookmarks");

  /** Methods that go through to a node, pod or service; to a pod's streams GET and POST do. */
  private static final List<String> PROXIED =
      List.of("get", "put", "post", "delete", "options", "head", "patch");

  private final List<Operation> out;
  private final Map<String, String> texts = Schema.descriptions("parameters");
  private final Map<Schema<?>, List<Parameter>> options = new HashMap<>();

  /**
   * @param out where the operations go
   */
  ResourceOperations(List<Operation> out) {
    this.out = out;
  }

  void add(Served served) {
    boolean deleted =
        served instanceof Served.Kept<?, ?> kept
            && kept.resource().strategy().answersWithDeletedObject();
    ResourceType<?> type = served.type();
    Place place = new Place(type);
    for (String verb : type.verbs()) {
      verb(place, type, verb, deleted);
    }
    for (Subresource subresource : type.subresources()) {
      subresource(place, type, subresource);
    }
  }

  /** Where a resource is, and what its operations have in common. */
  private record Place(ResourceType<?> type) {
    String root() {
      return type.group().isEmpty() ? "/api/" + type.version() : "/apis/" + type.apiVersion();
    }

    /** Of one namespace, where there are namespaces. */
    String collection() {
      return (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural();
    }

    String tag() {
      return tag(type.group()) + "_" + type.version();
    }

    static String tag(String group) {
      return group.isEmpty() ? "core" : Words.identifier(Words.shortened(group), false);
    }

    String id(String verb, String rest) {
      String group = type.group().isEmpty() ? "Core" : Words.shortened(type.group());
      return verb + Words.identifier(group, true) + Words.identifier(type.version(), true) + rest;
    }

    String noun() {
      return (type.namespaced() ? "Namespaced" : "") + type.kind();
    }

    List<String> mediaTypes() {
      return type.schema().open() ? CUSTOM_MEDIA_TYPES : MEDIA_TYPES;
    }
  }

  private void verb(Place at, ResourceType<?> type, String verb, boolean deleted) {
    Content object = new Content.Of(type.schema());
    String kind = type.kind();
    String one = at.collection() + "/{name}";
    switch (verb) {
      case "list" -> list(at, type);
      case "watch" -> watch(at, type);
      case "create" ->
          operation(at, at.collection(), "post", "post", "create", at.noun())
              .described("create" + Words.article(kind) + kind)
              .options(CreateOptions.SCHEMA)
              .body(object)
              .answers(object, 200, 201, 202)
              .add();
      case "deletecollection" ->
          operation(
                  at,
                  at.collection(),
                  "delete",
                  "deletecollection",
                  "delete",
                  "Collection" + at.noun())
              .described("delete collection of " + kind)
              .options(DeleteOptions.SCHEMA)
              .options(ListOptions.SCHEMA, ONLY_LISTS)
              .body(DELETE_OPTIONS)
              .answers(STATUS, 200)
              .add();
      case "get" ->
          operation(at, one, "get", "get", "read", at.noun())
              .described("read the specified " + kind)
              .answers(object, 200)
              .add();
      case "update" ->
          operation(at, one, "put", "put", "replace", at.noun())
              .described("replace the specified " + kind)
              .options(UpdateOptions.SCHEMA)
              .body(object)
              .answers(object, 200, 201)
              .add();
      case "patch" ->
          operation(at, one, "patch", "patch", "patch", at.noun())
              .described("partially update the specified " + kind)
              .options(PatchOptions.SCHEMA)
              .patch()
              .answers(object, 200, 201)
              .add();
      case "delete" ->
          operation(at, one, "delete", "delete", "delete", at.noun())
              .described("delete" + Words.article(kind) + kind)
              .options(DeleteOptions.SCHEMA)
              .body(DELETE_OPTIONS)
              .answers(deleted ? object : STATUS, 200, 202)
              .add();
      default -> {}
    }
  }

  private void list(Place at, ResourceType<?> type) {
    Schema<?> list = type.listSchema();
    Content answer = list == null ? new Content.Text() : new Content.Of(list);
    boolean watched = type.verbs().contains("watch");
    String text = (watched ? "list or watch" : "list") + " objects of kind " + type.kind();
    operation(at, at.collection(), "get", "list", "list", at.noun())
        .described(text)
        .options(ListOptions.SCHEMA)
        .streams()
        .answers(answer, 200)
        .add();
    if (type.namespaced()) {
      operation(at, "/" + type.plural(), "get", "list", "list", type.kind() + "ForAllNamespaces")
          .described(text)
          .options(ListOptions.SCHEMA)
          .streams()
          .answers(answer, 200)
          .add();
    }
  }

  private void watch(Place at, ResourceType<?> type) {
    if (type.schema().open()) {
      return; // Custom kinds never had these paths.
    }
    String many =
        "watch individual changes to a list of "
            + type.kind()
            + ". deprecated: use the 'watch' parameter with a list operation instead.";
    operation(at, "/watch" + at.collection(), "get", "watchlist", "watch", at.noun() + "List")
        .described(many)
        .options(ListOptions.SCHEMA)
        .streams()
        .answers(EVENT, 200)
        .add();
    if (type.namespaced()) {
      String id = type.kind() + "ListForAllNamespaces";
      operation(at, "/watch/" + type.plural(), "get", "watchlist", "watch", id)
          .described(many)
          .options(ListOptions.SCHEMA)
          .streams()
          .answers(EVENT, 200)
          .add();
    }
    operation(at, "/watch" + at.collection() + "/{name}", "get", "watch", "watch", at.noun())
        .described(
            "watch changes to an object of kind "
                + type.kind()
                + ". deprecated: use the 'watch' parameter with a list operation instead, filtered"
                + " to a single item with the 'fieldSelector' parameter.")
        .options(ListOptions.SCHEMA)
        .streams()
        .answers(EVENT, 200)
        .add();
  }

  private void subresource(Place at, ResourceType<?> type, Subresource sub) {
    Schema<?> schema =
        sub.kind().equals(type.groupVersionKind())
            ? type.schema()
            : Schemas.byKind(sub.kind()).<Schema<?>>map(x -> x).orElse(null);
    if (schema == null) {
      return;
    }
    String path = at.collection() + "/{name}/" + sub.name();
    String noun = at.noun() + Words.capital(sub.name());
    if (sub.kind().kind().endsWith("Options")) {
      boolean proxy = sub.name().equals("proxy");
      for (String method : proxy ? PROXIED : List.of("get", "post")) {
        connect(at, sub, schema, path, method, noun);
        if (proxy) {
          connect(at, sub, schema, path + "/{path}", method, noun + "WithPath");
        }
      }
      return;
    }
    Content object = new Content.Of(schema);
    String of = sub.name() + " of the specified " + type.kind();
    for (String verb : sub.verbs()) {
      switch (verb) {
        case "get" -> {
          Building get =
              operation(at, path, "get", "get", "read", noun)
                  .about(sub.kind())
                  .described("read " + of);
          if (sub.name().equals("log")) {
            get.options(PodLogOptions.SCHEMA).text().add();
          } else {
            get.answers(object, 200).add();
          }
        }
        case "create" ->
            operation(at, path, "post", "post", "create", noun)
                .about(sub.kind())
                .described(
                    "create " + sub.name() + " of" + Words.article(type.kind()) + type.kind())
                .options(CreateOptions.SCHEMA)
                .body(object)
                .answers(object, 200, 201, 202)
                .add();
        case "update" ->
            operation(at, path, "put", "put", "replace", noun)
                .about(sub.kind())
                .described("replace " + of)
                .options(UpdateOptions.SCHEMA)
                .body(object)
                .answers(object, 200, 201)
                .add();
        case "patch" ->
            operation(at, path, "patch", "patch", "patch", noun)
                .about(sub.kind())
                .described("partially update " + of)
                .options(PatchOptions.SCHEMA)
                .patch()
                .answers(object, 200, 201)
                .add();
        default -> {}
      }
    }
  }

  private void connect(
      Place at, Subresource sub, Schema<?> schema, String path, String method, String noun) {
    Building connect =
        operation(at, path, method, "connect", "connect", noun)
            .about(sub.kind())
            .described(
                "connect "
                    + method.toUpperCase(Locale.ROOT)
                    + " requests to "
                    + sub.name()
                    + " of "
                    + at.type().kind())
            .options(schema);
    connect.parameters.remove("query pretty");
    connect.id = at.id("connect", Words.capital(method) + noun);
    connect.produces = ANY;
    connect.answers.put(200, new Content.Text());
    connect.add();
  }

  private Building operation(
      Place at, String path, String method, String action, String verb, String noun) {
    return new Building(at, path, method, action, at.id(verb, noun));
  }

  /** The fields of a kind of options, as parameters of a query. */
  private List<Parameter> parameters(Schema<?> schema) {
    return options.computeIfAbsent(
        schema,
        s -> {
          Map<String, String> docs = s.descriptions();
          List<Parameter> all = new ArrayList<>();
          for (Field field : s.fields()) {
            String type = type(field.type());
            if (type != null) {
              String doc = docs.getOrDefault(field.name(), "");
              all.add(new Parameter(field.name(), "query", type, doc));
            }
          }
          return all;
        });
  }

  private static @Nullable String type(FieldType type) {
    return switch (type) {
      case FieldType.ListOf list -> type(list.element());
      case FieldType.Scalar scalar ->
          switch (scalar.kind()) {
            case INT32, INT64 -> "integer";
            case BOOL -> "boolean";
            case STRING, TIME -> "string";
            default -> null;
          };
      default -> null;
    };
  }

  /** An operation in the making. Used by one thread. */
  private final class Building {
    private final Place at;
    private final String path;
    private final String method;
    private final String action;
    private String id;
    private String description = "";
    private GroupVersionKind kind;
    private final Map<String, Parameter> parameters = new TreeMap<>();
    private @Nullable Body body;
    private final Map<Integer, Content> answers = new TreeMap<>();
    private List<String> consumes = ANY;
    private List<String> produces;

    Building(Place at, String path, String method, String action, String id) {
      this.at = at;
      this.path = path;
      this.method = method;
      this.action = action;
      this.id = id;
      this.kind = at.type().groupVersionKind();
      this.produces = at.mediaTypes();
      put("pretty", "query", texts.getOrDefault("pretty", ""));
    }

    private void put(String name, String in, String text) {
      parameters.put(in + " " + name, new Parameter(name, in, "string", text));
    }

    Building about(GroupVersionKind other) {
      kind = other;
      return this;
    }

    Building described(String text) {
      description = text;
      return this;
    }

    Building options(Schema<?> schema) {
      return options(schema, Set.of());
    }

    Building options(Schema<?> schema, Set<String> without) {
      for (Parameter parameter : parameters(schema)) {
        if (!without.contains(parameter.name())) {
          parameters.put("query " + parameter.name(), parameter);
        }
      }
      return this;
    }

    Building body(Content content) {
      return body(new Body(content, true));
    }

    Building body(Body sent) {
      body = sent;
      return this;
    }

    /** Nobody knows how lists of a custom kind are merged, but for server-side apply. */
    Building patch() {
      consumes = new ArrayList<>(PATCHES);
      if (at.type().schema().open()) {
        consumes.remove("application/strategic-merge-patch+json");
      }
      return body(PATCH);
    }

    Building streams() {
      List<String> all = new ArrayList<>(produces);
      for (String type : produces) {
        if (!type.endsWith("yaml")) {
          all.add(type + ";stream=watch");
        }
      }
      produces = all;
      return this;
    }

    Building text() {
      List<String> all = new ArrayList<>(List.of("text/plain"));
      all.addAll(produces);
      produces = all;
      return answers(new Content.Text(), 200);
    }

    Building answers(Content content, int... codes) {
      for (int code : codes) {
        answers.put(code, content);
      }
      return this;
    }

    void add() {
      if (path.contains("{name}")) {
        put("name", "path", "name of the " + kind.kind());
      }
      if (path.contains("{namespace}")) {
        put("namespace", "path", texts.getOrDefault("namespace", ""));
      }
      if (path.contains("{path}")) {
        put("path", "path", texts.getOrDefault("path", ""));
      }
      out.add(
          new Operation(
              at.root() + path,
              method,
              id,
              at.tag(),
              description,
              action,
              kind,
              List.copyOf(parameters.values()),
              body,
              answers,
              consumes,
              produces));
    }
  }
}
