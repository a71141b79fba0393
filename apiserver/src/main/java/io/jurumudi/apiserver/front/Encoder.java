package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.meta.v1.PartialObjectMetadata;
import io.jurumudi.api.meta.v1.PartialObjectMetadataList;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.ProtoObjectWriter;
import io.jurumudi.apiserver.Answer;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.table.ColumnDocs;
import io.jurumudi.apiserver.table.Tables;
import io.jurumudi.machinery.codec.Json;
import io.jurumudi.machinery.codec.Proto;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import io.jurumudi.machinery.errors.ApiException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes answers as bytes; objects that are stored are spliced in as they were encoded before. */
final class Encoder {
  private static final byte[] COMMA = {','};
  private static final byte[] NO_ROWS = "\"rows\":null}\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] EMPTY_ROWS = "\"rows\":[]}\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] LINE_END = {'\n'};

  /** What stands in a list before its first item, before each other, and after the last. */
  private static final byte[] FIRST = {'{'};

  private static final byte[] NEXT = {',', '{'};
  private static final byte[] LIST_END = {']', '}', '\n'};

  private final InstantSource clock;
  private final ColumnDocs docs = new ColumnDocs();

  Encoder(InstantSource clock) {
    this.clock = clock;
  }

  /** An answer's body, in pieces. */
  List<ByteBuffer> encode(
      Answer answer, Accepted accepted, Tables.Include include, boolean pretty) {
    List<ByteBuffer> body =
        switch (accepted.view()) {
          case OBJECT -> whole(answer, accepted.format());
          case TABLE -> bytes(withRows(encode(table(answer, include), accepted.format())));
          case METADATA -> bytes(metadata(answer, accepted.format()));
        };
    if (accepted.beta() && accepted.format() == Format.JSON) {
      body = bytes(beta(join(body)));
    }
    if (pretty && accepted.format() == Format.JSON) {
      return bytes(Pretty.json(join(body)));
    }
    return body;
  }

  private static List<ByteBuffer> bytes(byte[] all) {
    return List.of(ByteBuffer.wrap(all));
  }

  private static List<ByteBuffer> whole(Answer answer, Format format) {
    return switch (answer) {
      case Answer.One one -> {
        Stored<?> stored = one.stored();
        if (stored == null || format == Format.YAML) {
          yield bytes(encode(one.message(), format));
        }
        yield format == Format.JSON
            ? List.of(ByteBuffer.wrap(stored.json()), ByteBuffer.wrap(LINE_END))
            : bytes(envelope(stored.object(), stored.proto()));
      }
      case Answer.Many<?, ?> many -> {
        if (format == Format.YAML || !many.of().version().isStored()) {
          yield bytes(encode(many.message(), format));
        }
        yield format == Format.JSON ? jsonList(many) : protoList(many);
      }
    };
  }

  /** Any message in any format. */
  static byte[] encode(Message<?> message, Format format) {
    return switch (format) {
      case JSON -> line(Json.write(message));
      case YAML ->
          Yaml.write(sorted(Trees.parseJson(Json.write(message)))).getBytes(StandardCharsets.UTF_8);
      case PROTOBUF -> Proto.write(message);
    };
  }

  /** Upstream's YAML comes from maps, whose keys it sorts. */
  private static @Nullable Object sorted(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        Trees.map(map).forEach((key, value) -> sorted.put(key, sorted(value)));
        yield sorted;
      }
      case List<?> list -> {
        List<@Nullable Object> all = new ArrayList<>();
        list.forEach(value -> all.add(sorted(value)));
        yield all;
      }
      case null, default -> tree;
    };
  }

  /** A view as clients of the time before v1 want it: only the version's name is another. */
  private static byte[] beta(byte[] json) {
    return new String(json, StandardCharsets.UTF_8)
        .replace("\"apiVersion\":\"meta.k8s.io/v1\"", "\"apiVersion\":\"meta.k8s.io/v1beta1\"")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] line(byte[] json) {
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }

  /** Built-in items of a list do not say their kind: what stands before metadata is left out. */
  private static List<ByteBuffer> jsonList(Answer.Many<?, ?> many) {
    GroupVersionKind kind =
        Objects.requireNonNull(Objects.requireNonNull(many.of().type().listSchema()).kind());
    String head =
        "{\"kind\":\""
            + kind.kind()
            + "\",\"apiVersion\":\""
            + kind.apiVersion()
            + "\",\"metadata\":"
            + new String(Json.write(many.metadata()), StandardCharsets.UTF_8)
            + ",\"items\":[";
    List<ByteBuffer> body = new ArrayList<>(many.items().size() * 2 + 2);
    body.add(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
    // Items of a custom kind say what they are, as upstream's do.
    boolean whole = many.of().type().schema().open();
    int skip = whole ? 1 : itemPrefix(many.of()).length();
    byte[] between = FIRST;
    for (Stored<?> item : many.items()) {
      byte[] json = item.json();
      body.add(ByteBuffer.wrap(between));
      body.add(ByteBuffer.wrap(json, skip, json.length - skip));
      between = NEXT;
    }
    body.add(ByteBuffer.wrap(LIST_END));
    return body;
  }

  private static String itemPrefix(Served.Kept<?, ?> of) {
    return "{\"kind\":\""
        + of.type().kind()
        + "\",\"apiVersion\":\""
        + of.type().apiVersion()
        + "\",";
  }

  private static List<ByteBuffer> protoList(Answer.Many<?, ?> many) {
    List<byte[]> items = new ArrayList<>(many.items().size());
    many.items().forEach(item -> items.add(item.proto()));
    return ProtoSplice.list(
        Objects.requireNonNull(Objects.requireNonNull(many.of().type().listSchema()).kind()),
        ProtoObjectWriter.write(many.metadata()),
        items);
  }

  /** A stored object in its envelope. */
  static byte[] envelope(Message<?> object, byte[] raw) {
    return ProtoSplice.envelope(Objects.requireNonNull(object.schema().kind()), raw);
  }

  /** A table without rows says so: some clients cannot do with a null there. */
  private static byte[] withRows(byte[] table) {
    int at = table.length - NO_ROWS.length;
    if (at < 0 || !Arrays.equals(table, at, table.length, NO_ROWS, 0, NO_ROWS.length)) {
      return table;
    }
    byte[] bytes = Arrays.copyOf(table, at + EMPTY_ROWS.length);
    System.arraycopy(EMPTY_ROWS, 0, bytes, at, EMPTY_ROWS.length);
    return bytes;
  }

  private Message<?> table(Answer answer, Tables.Include include) {
    return switch (answer) {
      case Answer.One one -> {
        Served.Kept<?, ?> of = one.of();
        if (of == null || !(one.message() instanceof KubernetesObject<?>)) {
          if (one.message().schema().name().endsWith("meta.v1.Status")) {
            yield one.message();
          }
          throw ApiException.notAcceptable("this answer cannot be shown as a table");
        }
        yield one(of, one.message(), include);
      }
      case Answer.Many<?, ?> many -> many(many, include);
    };
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Message<?> one(
      Served.Kept<V, T> of, Message<?> message, Tables.Include include) {
    @SuppressWarnings("unchecked") // An answer's message is of the version its resource says.
    T object = of.version().toStored().apply((V) message);
    ListMeta meta = ListMeta.builder().resourceVersion(object.metadata().resourceVersion()).build();
    return Tables.table(of.resource(), List.of(object), meta, include, clock.instant(), true, docs);
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Message<?> many(
      Answer.Many<V, T> many, Tables.Include include) {
    List<T> objects = new ArrayList<>(many.items().size());
    many.items().forEach(item -> objects.add(item.object()));
    return Tables.table(
        many.of().resource(), objects, many.metadata(), include, clock.instant(), true, docs);
  }

  private static byte[] metadata(Answer answer, Format format) {
    return switch (answer) {
      case Answer.One one ->
          one.message() instanceof KubernetesObject<?> object
              ? encode(partial(object), format)
              : encode(one.message(), format);
      case Answer.Many<?, ?> many -> {
        List<PartialObjectMetadata> items = new ArrayList<>();
        many.items().forEach(item -> items.add(partial(item.object())));
        yield format == Format.PROTOBUF
            ? Proto.write(
                PartialObjectMetadataList.builder().metadata(many.metadata()).items(items).build())
            : partialList(many.metadata(), items);
      }
    };
  }

  /** Unlike those of other lists, these items say what they are. */
  private static byte[] partialList(ListMeta metadata, List<PartialObjectMetadata> items) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(Json.write(metadata));
    out.writeBytes(",\"items\":[".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.writeBytes(COMMA);
      }
      out.writeBytes(Json.write(items.get(i)));
    }
    out.writeBytes("]}\n".getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  static PartialObjectMetadata partial(KubernetesObject<?> object) {
    return PartialObjectMetadata.builder().metadata(object.metadata()).build();
  }

  /** A watched object's bytes, without a line's end. */
  byte[] watched(
      Served.Kept<?, ?> of,
      @Nullable Stored<?> stored,
      Message<?> object,
      Accepted accepted,
      Tables.Include include,
      boolean withColumns) {
    Message<?> shown =
        switch (accepted.view()) {
          case OBJECT -> object;
          case METADATA -> object instanceof KubernetesObject<?> o ? partial(o) : object;
          case TABLE -> watchedRow(of, object, include, withColumns);
        };
    boolean shared = stored != null && shown == stored.object();
    if (accepted.format() == Format.PROTOBUF) {
      return shared && stored != null ? envelope(shown, stored.proto()) : Proto.write(shown);
    }
    if (accepted.beta()) {
      return beta(Json.write(shown));
    }
    return shared && stored != null ? stored.json() : Json.write(shown);
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Message<?> watchedRow(
      Served.Kept<V, T> of, Message<?> message, Tables.Include include, boolean withColumns) {
    if (!(message instanceof KubernetesObject<?>)) {
      return message;
    }
    @SuppressWarnings("unchecked") // A watch's objects are of the version its resource says.
    T object = of.version().toStored().apply((V) message);
    ListMeta meta = ListMeta.builder().resourceVersion(object.metadata().resourceVersion()).build();
    return Tables.table(
        of.resource(), List.of(object), meta, include, clock.instant(), withColumns, docs);
  }

  static byte[] join(List<ByteBuffer> pieces) {
    int length = 0;
    for (ByteBuffer piece : pieces) {
      length += piece.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    pieces.forEach(piece -> all.put(piece.duplicate()));
    return all.array();
  }
}
