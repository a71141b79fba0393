package io.jurumudi.api.meta;

/** What a type is called in an object. */
public record GroupVersionKind(String group, String version, String kind) {
  public static GroupVersionKind of(String apiVersion, String kind) {
    GroupVersion gv = GroupVersion.parse(apiVersion);
    return new GroupVersionKind(gv.group(), gv.version(), kind);
  }

  /** {@code v1} in the core group, else {@code group/version}. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  public GroupVersion groupVersion() {
    return new GroupVersion(group, version);
  }
}
