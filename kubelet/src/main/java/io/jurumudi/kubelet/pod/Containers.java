package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerRestartRule;
import io.jurumudi.api.core.v1.EphemeralContainer;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.schema.Field;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Questions about containers of a pod's specification. */
public final class Containers {
  private Containers() {}

  /** An init container that keeps running beside the others (restartPolicy Always). */
  public static boolean isSidecar(Container c) {
    return "Always".equals(c.restartPolicy());
  }

  /** Every container of the pod: init, regular, ephemeral. */
  public static Stream<Container> all(Pod pod) {
    return Stream.of(
            pod.spec().initContainers().stream(),
            pod.spec().containers().stream(),
            pod.spec().ephemeralContainers().stream().map(Containers::of))
        .flatMap(s -> s);
  }

  public static Optional<Container> find(Pod pod, String name) {
    return all(pod).filter(c -> c.name().equals(name)).findFirst();
  }

  public static boolean isInit(Pod pod, String name) {
    return pod.spec().initContainers().stream().anyMatch(c -> c.name().equals(name));
  }

  /** The fields that an ephemeral container shares with a container. */
  public static Container of(EphemeralContainer ephemeral) {
    Container.Builder builder = Container.builder();
    for (Field field : EphemeralContainer.SCHEMA.fields()) {
      Field same = Container.SCHEMA.field(field.name());
      if (same != null) {
        builder.set(same.index(), ephemeral.component(field.index()));
      }
    }
    return builder.build();
  }

  /** FNV-1a of name and image: a change of either restarts the container (as upstream's hash). */
  public static String hash(Container c) {
    long h = 0xcbf29ce484222325L;
    for (byte b : (c.name() + '\n' + c.image()).getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x100000001b3L;
    }
    return Long.toHexString(h);
  }

  /** Pod-wide: anything else than Never restarts. */
  public static boolean restartsOnFailure(Pod pod) {
    return !pod.spec().restartPolicy().equals("Never");
  }

  /** Whether a container that ended with this exit code is started again. */
  public static boolean restartsAfter(Container c, PodSpec spec, int exitCode) {
    String own = c.restartPolicy();
    if (own != null) {
      ContainerRestartRule rule = matchingRule(c, exitCode);
      if (rule != null && rule.action().equals("Restart")) {
        return true;
      }
    }
    return restartsByPolicy(own != null ? own : spec.restartPolicy(), exitCode);
  }

  /** Whether a container could be started again after some exit code. */
  public static boolean restartable(Container c, PodSpec spec) {
    String own = c.restartPolicy();
    if (own != null) {
      return c.restartPolicyRules().stream().anyMatch(r -> r.action().equals("Restart"))
          || !own.equals("Never");
    }
    return !spec.restartPolicy().equals("Never");
  }

  private static @Nullable ContainerRestartRule matchingRule(Container c, int exitCode) {
    for (ContainerRestartRule rule : c.restartPolicyRules()) {
      var codes = rule.exitCodes();
      if (codes == null) {
        continue;
      }
      boolean in = codes.values().contains(exitCode);
      if (codes.operator().equals("In") ? in : codes.operator().equals("NotIn") && !in) {
        return rule;
      }
    }
    return null;
  }

  private static boolean restartsByPolicy(String policy, int exitCode) {
    return switch (policy) {
      case "Never" -> false;
      case "OnFailure" -> exitCode != 0;
      default -> true;
    };
  }

  /** Whether the next sync starts this container (upstream's ShouldContainerBeRestarted). */
  public static boolean shouldStart(Container c, Pod pod, PodRuntime runtime) {
    if (pod.metadata().deletionTimestamp() != null) {
      return false;
    }
    Optional<ContainerRun> run = runtime.latest(c.name());
    if (run.isEmpty()) {
      return true;
    }
    return switch (run.get().state()) {
      case RUNNING -> false;
      case UNKNOWN, CREATED -> true;
      case EXITED -> restartsAfter(c, pod.spec(), run.get().exitCode());
    };
  }

  /** Some regular container was made: initialization was over then. */
  public static boolean anyRegularCreated(Pod pod, PodRuntime runtime) {
    return pod.spec().containers().stream().anyMatch(c -> runtime.latest(c.name()).isPresent());
  }

  public static boolean hostNetwork(Pod pod) {
    return pod.spec().hostNetwork();
  }
}
