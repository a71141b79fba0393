package io.jurumudi.cri;

/**
 * A seccomp or AppArmor profile.
 *
 * @param localhostRef path of the profile when the type is LOCALHOST, else empty
 */
public record SecurityProfile(Type type, String localhostRef) {
  /** As in CRI. */
  public enum Type {
    RUNTIME_DEFAULT,
    UNCONFINED,
    LOCALHOST
  }
}
