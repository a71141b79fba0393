package io.jurumudi.machinery.errors;

import io.jurumudi.api.meta.GroupVersionResource;
import io.jurumudi.api.meta.ResourceType;

/** A resource without its version, as messages name it: "pods", "deployments.apps". */
public record GroupResource(String group, String resource) {
  public static GroupResource of(ResourceType<?> type) {
    return new GroupResource(type.group(), type.plural());
  }

  public static GroupResource of(GroupVersionResource resource) {
    return new GroupResource(resource.group(), resource.resource());
  }

  @Override
  public String toString() {
    return group.isEmpty() ? resource : resource + "." + group;
  }
}
