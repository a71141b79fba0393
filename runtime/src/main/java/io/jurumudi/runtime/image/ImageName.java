package io.jurumudi.runtime.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image in full: registry, repository, and a tag or a digest. Written short, it is
 * completed as Docker and containerd do it (distribution/reference): {@code web:1} is {@code
 * docker.io/library/web:1}; no tag means {@code latest}. The first part of a name is a registry
 * when it holds a dot or a colon or is {@code localhost}.
 *
 * @param tag empty when only a digest names the image
 */
public record ImageName(String registry, String repository, String tag, Optional<Digest> digest) {
  private static final Pattern REGISTRY =
      Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?)(:[0-9]+)?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[\\w][\\w.-]{0,127}");
  private static final int MAX_LENGTH = 255;

  /** Throws {@link IllegalArgumentException} that says what is wrong with the name. */
  public static ImageName parse(String name) {
    String rest = name;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    String tag = "";
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
      if (!TAG.matcher(tag).matches()) {
        throw bad(name, "the tag is not valid");
      }
    }
    String registry = "docker.io";
    int slash = rest.indexOf('/');
    String first = slash < 0 ? "" : rest.substring(0, slash);
    if (!first.isEmpty()
        && (first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(java.util.Locale.ROOT)))) {
      registry = first.equals("index.docker.io") ? "docker.io" : first;
      rest = rest.substring(slash + 1);
      if (!REGISTRY.matcher(registry).matches()) {
        throw bad(name, "the registry is not valid");
      }
    }
    if (registry.equals("docker.io") && !rest.contains("/")) {
      rest = "library/" + rest;
    }
    if (!REPOSITORY.matcher(rest).matches()) {
      throw bad(
          name,
          rest.equals(rest.toLowerCase(java.util.Locale.ROOT))
              ? "invalid reference format"
              : "repository name must be lowercase");
    }
    if (registry.length() + rest.length() > MAX_LENGTH) {
      throw bad(name, "longer than " + MAX_LENGTH + " characters");
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = "latest";
    }
    return new ImageName(registry, rest, tag, digest);
  }

  private static IllegalArgumentException bad(String name, String why) {
    return new IllegalArgumentException("image name \"" + name + "\": " + why);
  }

  /** {@code docker.io/library/web}. */
  public String fullRepository() {
    return registry + "/" + repository;
  }

  /** {@code docker.io/library/web:1}; with a digest and no tag, {@code …@sha256:…}. */
  public String tagged() {
    return tag.isEmpty() ? byDigest(digest.orElseThrow()) : fullRepository() + ":" + tag;
  }

  public String byDigest(Digest d) {
    return fullRepository() + "@" + d;
  }

  /** What a manifest is asked for by at a registry: the digest, where there is one. */
  public String manifestReference() {
    return digest.map(Digest::toString).orElse(tag);
  }

  @Override
  public String toString() {
    String s = fullRepository() + (tag.isEmpty() ? "" : ":" + tag);
    return digest.map(d -> s + "@" + d).orElse(s);
  }
}
