package io.jurumudi.apiserver.admission;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.GroupVersionResource;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.util.RawJson;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.codec.Trees;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A write in the words of an AdmissionReview: for webhooks and expressions. */
public final class ReviewRequests {
  private ReviewRequests() {}

  /**
   * What is asked.
   *
   * @param view in the version in which the webhook's rules matched
   * @param asked in the version in which the client spoke
   */
  public static io.jurumudi.api.admission.v1.AdmissionRequest of(
      String uid, AdmissionView view, AdmissionView asked, @Nullable KubernetesObject<?> object) {
    var write = view.request();
    KubernetesObject<?> either = object == null ? write.old() : object;
    io.jurumudi.api.admission.v1.AdmissionRequest.Builder b =
        io.jurumudi.api.admission.v1.AdmissionRequest.builder()
            .uid(uid)
            .kind(kind(view.kind(either)))
            .resource(resource(view.resource()))
            .subResource(write.subresource())
            .requestKind(kind(asked.kind(either)))
            .requestResource(resource(asked.resource()))
            .requestSubResource(write.subresource())
            .name(write.name())
            .namespace(view.namespace())
            .operation(write.operation().name())
            .userInfo(user(write.user()))
            .object(raw(view.object(object)))
            .oldObject(raw(view.tree(write.old())))
            .dryRun(write.dryRun());
    if (write.operation() != AdmissionRequest.Operation.CONNECT) {
      Map<String, @Nullable Object> options = Trees.fromMessage(view.asked().options());
      options.put("apiVersion", "meta.k8s.io/v1");
      options.put("kind", view.asked().options().schema().simpleName());
      b.options(RawJson.ofTree(options));
    }
    return b.build();
  }

  private static @Nullable RawJson raw(@Nullable Map<String, @Nullable Object> tree) {
    return tree == null ? null : RawJson.ofTree(tree);
  }

  private static io.jurumudi.api.meta.v1.GroupVersionKind kind(GroupVersionKind kind) {
    return io.jurumudi.api.meta.v1.GroupVersionKind.builder()
        .group(kind.group())
        .version(kind.version())
        .kind(kind.kind())
        .build();
  }

  private static io.jurumudi.api.meta.v1.GroupVersionResource resource(GroupVersionResource gvr) {
    return io.jurumudi.api.meta.v1.GroupVersionResource.builder()
        .group(gvr.group())
        .version(gvr.version())
        .resource(gvr.resource())
        .build();
  }

  private static io.jurumudi.api.authentication.v1.UserInfo user(UserInfo user) {
    return io.jurumudi.api.authentication.v1.UserInfo.builder()
        .username(user.name())
        .uid(user.uid())
        .groups(user.groups())
        .extra(user.extra())
        .build();
  }
}
