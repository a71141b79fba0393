package io.jurumudi.apiserver;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.autoscaling.v1.Scale;
import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.front.BodyDecoder;
import io.jurumudi.apiserver.front.MethodNotAllowed;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.verbs.Change;
import io.jurumudi.apiserver.verbs.Deletes;
import io.jurumudi.apiserver.verbs.ListOptions;
import io.jurumudi.apiserver.verbs.Reads;
import io.jurumudi.apiserver.verbs.Scales;
import io.jurumudi.apiserver.verbs.Target;
import io.jurumudi.apiserver.verbs.Verbs;
import io.jurumudi.apiserver.verbs.Watches;
import io.jurumudi.apiserver.verbs.WriteOptions;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From a call that is allowed to the verb on the resource that it names. */
final class Dispatcher {
  private static final GroupVersionKind DELETE_OPTIONS =
      new GroupVersionKind("", "v1", "DeleteOptions");
  private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

  private final Supplier<Catalog> catalogs;
  private final Verbs verbs;
  private final Map<String, SubresourceCreate> creates;

  /**
   * @param catalogs what is served at present; asked at each call
   * @param creates by resource and subresource, as in "pods/binding"
   */
  Dispatcher(Supplier<Catalog> catalogs, Verbs verbs, Map<String, SubresourceCreate> creates) {
    this.catalogs = catalogs;
    this.verbs = verbs;
    this.creates = Map.copyOf(creates);
  }

  /** What a call names. */
  Served served(ApiCall call) {
    return catalogs
        .get()
        .find(call.group(), call.version(), call.resource())
        .orElseThrow(ApiException::noSuchPath);
  }

  /** Whether the call's group is known here; of an unknown one not even errors are served. */
  boolean serves(ApiCall call) {
    Catalog catalog = catalogs.get();
    return catalog.serves(new GroupVersion(call.group(), call.version()))
        || (!call.group().isEmpty() && catalog.servesGroup(call.group()));
  }

  /** Whether what the call names has no form in protobuf. */
  boolean jsonOnly(ApiCall call) {
    return catalogs
        .get()
        .find(call.group(), call.version(), call.resource())
        .filter(served -> served.type().schema().open() && !call.subresource().equals("scale"))
        .isPresent();
  }

  Answer call(CallContext caller, ApiCall call) {
    return switch (served(call)) {
      case Served.Asked asked -> ask(asked, caller, call);
      case Served.Kept<?, ?> kept -> kept(kept, caller, call);
    };
  }

  Watches.Running watch(CallContext caller, ApiCall call, ApiHandler.WatchSink sink) {
    return switch (served(call)) {
      case Served.Asked asked -> throw methodNotAllowed();
      case Served.Kept<?, ?> kept -> {
        warnOfDeprecation(kept, caller);
        yield watch(kept, call, sink);
      }
    };
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Watches.Running watch(
      Served.Kept<V, T> kept, ApiCall call, ApiHandler.WatchSink sink) {
    if (!call.subresource().isEmpty() || !kept.type().verbs().contains("watch")) {
      throw methodNotAllowed();
    }
    return verbs
        .watches()
        .watch(
            target(kept, call),
            ListOptions.of(call.query(), true),
            event -> sink.accept(kept, event));
  }

  private static void warnOfDeprecation(Served.Kept<?, ?> kept, CallContext caller) {
    if (!kept.resource().deprecation().isEmpty()) {
      caller.warn(List.of(kept.resource().deprecation()));
    }
  }

  private static void warnOfOrphans(
      Served.Kept<?, ?> kept, DeleteOptions options, CallContext caller) {
    if (options.propagationPolicy() == null && options.orphanDependents() == null) {
      caller.warn(kept.resource().strategy().warningsOfDeletion());
    }
  }

  private static ApiException methodNotAllowed() {
    return MethodNotAllowed.exception();
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Target<V, T> target(
      Served.Kept<V, T> kept, ApiCall call) {
    boolean namespaced = kept.type().namespaced();
    return new Target<>(
        kept.resource(),
        kept.version(),
        namespaced ? call.namespace() : "",
        call.name(),
        call.subresource());
  }

  private Answer ask(Served.Asked asked, CallContext caller, ApiCall call) {
    if (!call.verb().equals("create") || !call.subresource().isEmpty()) {
      throw methodNotAllowed();
    }
    WriteOptions options = WriteOptions.of(call.query(), "CreateOptions");
    Message<?> body =
        body(asked.type().schema(), asked.type().groupVersionKind(), caller, call, options);
    Message<?> answer = asked.answering().answer(caller, call.namespace(), body, options.dryRun());
    return Answer.One.of(
        201,
        verbs.ownership().asked(asked.type(), call.namespace(), body, answer, options, caller));
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer kept(
      Served.Kept<V, T> kept, CallContext caller, ApiCall call) {
    Target<V, T> target = target(kept, call);
    String verb = call.verb();
    warnOfDeprecation(kept, caller);
    if (kept.type().namespaced()
        && call.namespace().isEmpty()
        && !Set.of("list", "watch").contains(verb)) {
      if (!call.name().isEmpty()) {
        throw ApiException.noSuchPath();
      }
      throw methodNotAllowed();
    }
    if (!call.subresource().isEmpty()) {
      return subresource(target, kept, caller, call);
    }
    boolean collection = call.name().isEmpty();
    boolean fits =
        switch (verb) {
          case "create", "list", "deletecollection" -> collection || verb.equals("list");
          default -> !collection;
        };
    if (!fits || !kept.type().verbs().contains(verb)) {
      throw methodNotAllowed();
    }
    return switch (verb) {
      case "get" -> one(kept, 200, verbs.reads().get(target, call.query().get("resourceVersion")));
      case "list" -> {
        Reads.Page<T> page = verbs.reads().list(target, ListOptions.of(call.query(), false));
        yield new Answer.Many<>(kept, page.items(), page.metadata());
      }
      case "create" -> {
        WriteOptions options = WriteOptions.of(call.query(), "CreateOptions");
        yield change(
            kept,
            verbs.creates().create(target, body(target, caller, call, options), options, caller));
      }
      case "update" -> {
        WriteOptions options = WriteOptions.of(call.query(), "UpdateOptions");
        yield change(
            kept,
            verbs.updates().put(target, body(target, caller, call, options), options, caller));
      }
      case "patch" -> patch(target, kept, caller, call);
      case "delete" -> {
        DeleteOptions options = deleteOptions(caller, call);
        warnOfOrphans(kept, options, caller);
        Deletes.Deletion<T> deletion = verbs.deletes().delete(target, options, caller);
        Message<?> message = verbs.deletes().answer(target, deletion);
        yield new Answer.One(
            200, message, null, message instanceof KubernetesObject<?> ? kept : null);
      }
      case "deletecollection" -> deleteCollection(target, kept, caller, call);
      default -> throw methodNotAllowed();
    };
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer patch(
      Target<V, T> target, Served.Kept<V, T> kept, CallContext caller, ApiCall call) {
    WriteOptions options = WriteOptions.of(call.query(), "PatchOptions");
    if (!(call.body() instanceof ApiCall.Body.Patch patch)) {
      throw ApiException.badRequest("a patch needs a body");
    }
    return change(
        kept, verbs.patches().patch(target, patch.kind(), patch.bytes(), options, caller));
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer deleteCollection(
      Target<V, T> target, Served.Kept<V, T> kept, CallContext caller, ApiCall call) {
    DeleteOptions options = deleteOptions(caller, call);
    Deletes.check(options);
    Reads.Page<T> page = verbs.reads().list(target, ListOptions.of(call.query(), false));
    warnOfOrphans(kept, options, caller);
    List<Stored<T>> deleted = new ArrayList<>();
    for (Stored<T> item : page.items()) {
      var meta = item.object().metadata();
      Target<V, T> one =
          new Target<>(target.resource(), target.version(), meta.namespace(), meta.name(), "");
      try {
        verbs.deletes().delete(one, options, caller);
      } catch (ApiException e) {
        if (!e.isNotFound()) {
          throw e;
        }
      }
      deleted.add(item);
    }
    return new Answer.Many<>(kept, deleted, page.metadata());
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer subresource(
      Target<V, T> target, Served.Kept<V, T> kept, CallContext caller, ApiCall call) {
    var declared =
        kept.type().subresource(call.subresource()).orElseThrow(ApiException::noSuchPath);
    if (!declared.verbs().contains(call.verb())) {
      throw methodNotAllowed();
    }
    if (call.subresource().equals("scale")) {
      return scale(target, caller, call);
    }
    if (call.verb().equals("create")) {
      SubresourceCreate create = creates.get(call.resource() + "/" + call.subresource());
      if (create == null) {
        throw ApiException.noSuchPath();
      }
      WriteOptions options = WriteOptions.of(call.query(), "CreateOptions");
      Schema<?> schema = Schemas.byKind(declared.kind()).orElseThrow(ApiException::noSuchPath);
      Message<?> body = body(schema, declared.kind(), caller, call, options);
      return Answer.One.of(
          201, create.create(caller, call.namespace(), call.name(), body, options));
    }
    if (target.resource().update(call.subresource()).isEmpty()) {
      throw ApiException.noSuchPath();
    }
    return switch (call.verb()) {
      case "get" -> one(kept, 200, verbs.reads().get(target, call.query().get("resourceVersion")));
      case "update" -> {
        WriteOptions options = WriteOptions.of(call.query(), "UpdateOptions");
        yield change(
            kept,
            verbs.updates().put(target, body(target, caller, call, options), options, caller));
      }
      case "patch" -> patch(target, kept, caller, call);
      default -> throw methodNotAllowed();
    };
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer scale(
      Target<V, T> target, CallContext caller, ApiCall call) {
    Scales scales = verbs.scales();
    return switch (call.verb()) {
      case "get" -> Answer.One.of(200, scales.get(target));
      case "update" -> {
        WriteOptions options = WriteOptions.of(call.query(), "UpdateOptions");
        Scale scale = body(Scale.SCHEMA, SCALE, caller, call, options);
        yield Answer.One.of(200, scales.put(target, scale, options, caller));
      }
      case "patch" -> {
        WriteOptions options = WriteOptions.of(call.query(), "PatchOptions");
        if (!(call.body() instanceof ApiCall.Body.Patch patch)) {
          throw ApiException.badRequest("a patch needs a body");
        }
        yield Answer.One.of(
            200, scales.patch(target, patch.kind(), patch.bytes(), options, caller));
      }
      default -> throw methodNotAllowed();
    };
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer change(
      Served.Kept<V, T> kept, Change<T> change) {
    return new Answer.One(
        change.created() ? 201 : 200,
        kept.version().fromStored().apply(change.object()),
        null,
        kept);
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Answer one(
      Served.Kept<V, T> kept, int code, Stored<T> stored) {
    return new Answer.One(
        code,
        kept.version().fromStored().apply(stored.object()),
        kept.version().isStored() ? stored : null,
        kept);
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> V body(
      Target<V, T> target, CallContext caller, ApiCall call, WriteOptions options) {
    Schema<V> schema = target.version().type().schema();
    return switch (call.body()) {
      case ApiCall.Body.Encoded encoded ->
          BodyDecoder.decode(
              schema,
              target.version().form()::received,
              target.version().type().groupVersionKind(),
              encoded.bytes(),
              encoded.mediaType(),
              options.fieldValidation(),
              caller);
      case ApiCall.Body.Typed(CustomObject custom) when schema.open() ->
          target.version().form().received(cast(custom.as(custom(schema))), unknown -> {});
      default -> body(schema, target.version().type().groupVersionKind(), caller, call, options);
    };
  }

  @SuppressWarnings("unchecked") // All open schemas are of custom objects.
  private static Schema<CustomObject> custom(Schema<?> schema) {
    return (Schema<CustomObject>) schema;
  }

  private static <M extends Message<M>> M body(
      Schema<M> schema,
      GroupVersionKind kind,
      CallContext caller,
      ApiCall call,
      WriteOptions options) {
    return switch (call.body()) {
      case ApiCall.Body.Typed typed -> typed(schema, typed.object());
      case ApiCall.Body.Encoded encoded ->
          BodyDecoder.decode(
              schema,
              kind,
              encoded.bytes(),
              encoded.mediaType(),
              options.fieldValidation(),
              caller);
      case ApiCall.Body.Patch patch -> throw ApiException.badRequest("a patch comes with PATCH");
    };
  }

  private static <M extends Message<M>> M typed(Schema<M> schema, @Nullable Message<?> object) {
    if (object == null) {
      throw ApiException.badRequest("the request has no body; it must be a " + schema.name());
    }
    if (object.schema() != schema) {
      throw ApiException.badRequest(
          object.schema().name() + " cannot be handled as a " + schema.name());
    }
    return cast(object);
  }

  @SuppressWarnings("unchecked") // The schema says so.
  private static <M extends Message<M>> M cast(Message<?> object) {
    return (M) object;
  }

  /** Options from the body, or from the query when there is none. */
  private static DeleteOptions deleteOptions(CallContext caller, ApiCall call) {
    return switch (call.body()) {
      case ApiCall.Body.Typed(DeleteOptions options) -> options;
      case ApiCall.Body.Encoded encoded when encoded.bytes().length > 0 ->
          BodyDecoder.decode(
              DeleteOptions.SCHEMA,
              DELETE_OPTIONS,
              encoded.bytes(),
              encoded.mediaType(),
              Decoding.IGNORE,
              caller);
      default -> deleteOptions(call.query());
    };
  }

  private static DeleteOptions deleteOptions(Query query) {
    DeleteOptions.Builder options = DeleteOptions.builder();
    if (query.has("gracePeriodSeconds")) {
      try {
        options.gracePeriodSeconds(Long.parseLong(query.get("gracePeriodSeconds")));
      } catch (NumberFormatException e) {
        throw ApiException.badRequest(
            "strconv.ParseInt: parsing \""
                + query.get("gracePeriodSeconds")
                + "\": invalid syntax");
      }
    }
    if (query.has("propagationPolicy")) {
      options.propagationPolicy(query.get("propagationPolicy"));
    }
    if (query.has("orphanDependents")) {
      options.orphanDependents(query.flag("orphanDependents"));
    }
    return options.dryRun(query.all("dryRun")).build();
  }
}
