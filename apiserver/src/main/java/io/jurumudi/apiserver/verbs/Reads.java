package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusCause;
import io.jurumudi.api.meta.v1.StatusDetails;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.Reasons;
import io.jurumudi.machinery.selectors.FieldSelector;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.StoreException;
import java.util.ArrayList;
import java.util.List;

/** Get and list. Every read is consistent: it sees all writes that were acknowledged before. */
public final class Reads {
  /** Objects fetched at once while a selector leaves most of them out. */
  private static final int MAX_CHUNK = 10_000;

  private final VerbContext is;

  Reads(VerbContext context) {
    this.is = context;
  }

  /** A part of a collection. */
  public record Page<T extends KubernetesObject<T>>(List<Stored<T>> items, ListMeta metadata) {}

  public <T extends KubernetesObject<T>> Stored<T> get(Target<?, T> target) {
    var computed = target.resource().computed();
    if (computed.isPresent()) {
      return computed.get().get().stream()
          .filter(object -> object.metadata().name().equals(target.name()))
          .findFirst()
          .map(object -> new Stored<>(target.key(), object, 0))
          .orElseThrow(target::notFound);
    }
    return is.stores().objects(target.resource()).get(target.key()).orElseThrow(target::notFound);
  }

  /** The objects of the target's namespace (all, if empty) that the options want. */
  public <T extends KubernetesObject<T>> Page<T> list(Target<?, T> target, ListOptions options) {
    Selection<T> wanted = new Selection<>(target, options);
    var computed = target.resource().computed();
    if (computed.isPresent()) {
      List<Stored<T>> items = new ArrayList<>();
      for (T object : computed.get().get()) {
        if (wanted.test(object)) {
          items.add(new Stored<>(object.metadata().name(), object, 0));
        }
      }
      return new Page<>(items, ListMeta.EMPTY);
    }
    String prefix = target.resource().keyPrefix(target.namespace());
    KeyRange range = range(target, prefix, options.fields());
    long revision = 0;
    boolean continued = !options.continueToken().isEmpty();
    if (continued) {
      if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals("0")) {
        throw ApiException.badRequest(
            "specifying resource version is not allowed when using continue");
      }
      ContinueToken token = ContinueToken.decode(options.continueToken());
      revision = token.revision();
      range = range.from(prefix + token.start());
    } else {
      long asked = options.revision();
      if (options.resourceVersionMatch().equals("Exact")
          || (options.limit() > 0 && asked > 0 && options.resourceVersionMatch().isEmpty())) {
        revision = asked;
      } else if (asked > is.stores().store().revision()) {
        throw tooLarge(asked, is.stores().store().revision());
      }
    }
    try {
      return collect(target, options, wanted, range, prefix, revision);
    } catch (StoreException e) {
      throw translate(e, continued);
    }
  }

  private <T extends KubernetesObject<T>> Page<T> collect(
      Target<?, T> target,
      ListOptions options,
      Selection<T> wanted,
      KeyRange range,
      String prefix,
      long revision) {
    ObjectStore<T> objects = is.stores().objects(target.resource());
    int limit = options.limit();
    List<Stored<T>> items = new ArrayList<>();
    KeyRange rest = range;
    long at = revision;
    int chunk = limit;
    while (true) {
      ObjectStore.Page<T> page = objects.list(rest, at, chunk);
      at = page.revision();
      int taken = 0;
      for (Stored<T> item : page.items()) {
        taken++;
        if (wanted.test(item.object())) {
          items.add(item);
          if (limit > 0 && items.size() == limit) {
            break;
          }
        }
      }
      long behind = page.items().size() - taken + page.remaining();
      ListMeta.Builder meta = ListMeta.builder().resourceVersion(Long.toString(at));
      if (behind == 0) {
        return new Page<>(items, meta.build());
      }
      String next = page.items().get(taken - 1).key() + '\0';
      if (limit > 0 && items.size() == limit) {
        meta.continue_(new ContinueToken(at, next.substring(prefix.length())).encode());
        if (wanted.isEverything()) {
          meta.remainingItemCount(behind);
        }
        return new Page<>(items, meta.build());
      }
      rest = rest.from(next);
      chunk = Math.min(MAX_CHUNK, chunk * 2);
    }
  }

  /** Where the wanted objects are: all of the prefix, or the one whose name is asked for. */
  private static KeyRange range(Target<?, ?> target, String prefix, FieldSelector fields) {
    boolean one = !target.resource().type().namespaced() || !target.namespace().isEmpty();
    if (one) {
      var name = fields.requiresExactMatch("metadata.name");
      if (name.isPresent() && !name.get().isEmpty()) {
        return KeyRange.key(prefix + name.get());
      }
    }
    return KeyRange.prefix(prefix);
  }

  private static ApiException tooLarge(long asked, long current) {
    return new ApiException(
        Status.builder()
            .status("Failure")
            .code(504)
            .reason(Reasons.TIMEOUT)
            .message("Timeout: Too large resource version: " + asked + ", current: " + current)
            .details(
                StatusDetails.builder()
                    .retryAfterSeconds(1)
                    .causes(
                        List.of(
                            StatusCause.builder()
                                .reason("ResourceVersionTooLarge")
                                .message("Too large resource version")
                                .build()))
                    .build())
            .build());
  }

  static ApiException translate(StoreException e, boolean continued) {
    return switch (e.reason()) {
      case COMPACTED ->
          ApiException.expired(
              continued
                  ? "The provided continue parameter is too old to display a consistent list"
                      + " result. You must start a new list without the continue parameter."
                  : "The resourceVersion for the provided list is too old.");
      case FUTURE_REVISION ->
          ApiException.timeout("Too large resource version: the server has not seen it yet", 1);
      default -> ApiException.internalError(String.valueOf(e.getMessage()));
    };
  }
}
