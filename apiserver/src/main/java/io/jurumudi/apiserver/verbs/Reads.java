package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.FieldSelector;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * @param resourceVersion which the answer must not be older than; empty for the newest
   */
  public <T extends KubernetesObject<T>> Stored<T> get(
      Target<?, T> target, String resourceVersion) {
    long asked = ListOptions.strictRevision(resourceVersion);
    if (asked > is.stores().store().revision()) {
      throw ApiException.resourceVersionTooLarge(asked, is.stores().store().revision());
    }
    return get(target);
  }

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
    ContinueToken token = null;
    if (!options.continueToken().isEmpty()) {
      if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals("0")) {
        throw ApiException.badRequest(
            "specifying resource version is not allowed when using continue");
      }
      token = ContinueToken.decode(options.continueToken());
      revision = token.revision() == ContinueToken.PRESENT ? 0 : token.revision();
      range = range.from(prefix + token.start());
    } else {
      long asked = options.revision();
      if (options.resourceVersionMatch().equals("Exact")
          || (options.limit() > 0 && asked > 0 && options.resourceVersionMatch().isEmpty())) {
        revision = asked;
      } else if (asked > is.stores().store().revision()) {
        throw ApiException.resourceVersionTooLarge(asked, is.stores().store().revision());
      }
    }
    try {
      return collect(target, options, wanted, range, prefix, revision);
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.FUTURE_REVISION) {
        throw ApiException.resourceVersionTooLarge(revision, is.stores().store().revision());
      }
      throw translate(e, token);
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
    // At any version that the server has at hand there is no need to go back to the store, and no
    // limit: clients rely on upstream's cache doing so.
    int limit = options.resourceVersion().equals("0") ? 0 : options.limit();
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

  private static ApiException translate(StoreException e, @Nullable ContinueToken token) {
    if (e.reason() != StoreException.Reason.COMPACTED) {
      return ApiException.internalError(String.valueOf(e.getMessage()));
    }
    if (token == null) {
      return ApiException.expired("The resourceVersion for the provided list is too old.");
    }
    ApiException expired =
        ApiException.expired(
            "The provided continue parameter is too old to display a consistent list result. You"
                + " can start a new list without the continue parameter, or use the continue token"
                + " in this response to retrieve the remainder of the results. Continuing with the"
                + " provided token results in an inconsistent list - objects that were created,"
                + " modified, or deleted between the time the first chunk was returned and now may"
                + " show up in the list.");
    String rest = new ContinueToken(ContinueToken.PRESENT, token.start()).encode();
    return new ApiException(
        expired.status().toBuilder().metadata(ListMeta.builder().continue_(rest).build()).build());
  }
}
