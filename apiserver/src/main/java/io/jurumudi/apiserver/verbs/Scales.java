package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.autoscaling.v1.Scale;
import io.jurumudi.api.autoscaling.v1.ScaleSpec;
import io.jurumudi.api.autoscaling.v1.ScaleStatus;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ScaleMapping;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The scale subresource: the number of replicas of whatever has some. */
public final class Scales {
  private final Reads reads;
  private final Updates updates;

  Scales(Reads reads, Updates updates) {
    this.reads = reads;
    this.updates = updates;
  }

  public <T extends KubernetesObject<T>> Scale get(Target<?, T> target) {
    return scale(target, reads.get(target).object());
  }

  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Scale put(
      Target<V, T> target, Scale wanted, WriteOptions options, CallContext caller) {
    return change(
        target, current -> wanted, options, caller, wanted.metadata().resourceVersion().isEmpty());
  }

  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Scale patch(
      Target<V, T> target, PatchKind kind, byte[] bytes, WriteOptions options, CallContext caller) {
    return change(
        target,
        current -> {
          Map<String, @Nullable Object> tree = Trees.fromMessage(current);
          return Patches.message(
              Scale.SCHEMA, Patches.apply(Scale.SCHEMA, kind, tree, bytes), options, caller);
        },
        options,
        caller,
        true);
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Scale change(
      Target<V, T> target,
      UnaryOperator<Scale> change,
      WriteOptions options,
      CallContext caller,
      boolean retry) {
    ScaleMapping<T> mapping = mapping(target);
    Change<T> done =
        updates.modify(
            target,
            current -> {
              Scale wanted = change.apply(scale(target, current));
              check(target, wanted);
              String uid = wanted.metadata().uid();
              if (!uid.isEmpty() && !uid.equals(current.metadata().uid())) {
                throw Updates.precondition(target, uid, current.metadata().uid());
              }
              T scaled = mapping.withReplicas().apply(current, wanted.spec().replicas());
              ObjectMeta meta = scaled.metadata();
              return scaled.withMetadata(
                  meta.toBuilder().resourceVersion(wanted.metadata().resourceVersion()).build());
            },
            options,
            caller,
            retry);
    return scale(target, done.object());
  }

  private static void check(Target<?, ?> target, Scale wanted) {
    if (wanted.metadata().name().isEmpty() || wanted.metadata().name().equals(target.name())) {
      if (wanted.spec().replicas() < 0) {
        throw ApiException.invalid(
            "autoscaling",
            "Scale",
            target.name(),
            List.of(
                FieldError.invalid(
                    "spec.replicas",
                    (long) wanted.spec().replicas(),
                    "must be greater than or equal to 0")));
      }
      return;
    }
    throw ApiException.badRequest(
        "the name of the object ("
            + wanted.metadata().name()
            + ") does not match the name on the URL ("
            + target.name()
            + ")");
  }

  private static <T extends KubernetesObject<T>> ScaleMapping<T> mapping(Target<?, T> target) {
    return target.resource().scale().orElseThrow(ApiException::noSuchPath);
  }

  private static <T extends KubernetesObject<T>> Scale scale(Target<?, T> target, T object) {
    return view(target.resource(), object);
  }

  /** An object as its scale. */
  public static <T extends KubernetesObject<T>> Scale view(Resource<T> resource, T object) {
    ScaleMapping<T> mapping = resource.scale().orElseThrow(ApiException::noSuchPath);
    ObjectMeta meta = object.metadata();
    Integer replicas = mapping.replicas().apply(object);
    return Scale.builder()
        .metadata(
            ObjectMeta.builder()
                .name(meta.name())
                .namespace(meta.namespace())
                .uid(meta.uid())
                .resourceVersion(meta.resourceVersion())
                .creationTimestamp(meta.creationTimestamp())
                .build())
        .spec(ScaleSpec.builder().replicas(replicas == null ? 0 : replicas).build())
        .status(
            ScaleStatus.builder()
                .replicas(mapping.observedReplicas().apply(object))
                .selector(mapping.selector().apply(object))
                .build())
        .build();
  }
}
