package io.jurumudi.api.meta;

/** What a collection is called in a path. */
public record GroupVersionResource(String group, String version, String resource) {
  /** {@code v1} in the core group, else {@code group/version}. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  public GroupVersion groupVersion() {
    return new GroupVersion(group, version);
  }
}
