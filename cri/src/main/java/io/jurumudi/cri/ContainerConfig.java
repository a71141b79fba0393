package io.jurumudi.cri;

import java.util.List;
import java.util.Map;

/**
 * What a container is made from.
 *
 * @param image id or name of a present image
 * @param command replaces the image's entrypoint when not empty
 * @param args replaces the image's cmd when not empty, or when command is given
 * @param logPath relative to the sandbox's log directory
 * @param stopSignal such as SIGTERM; empty: the image's, else SIGTERM
 */
public record ContainerConfig(
    ContainerMetadata metadata,
    String image,
    List<String> command,
    List<String> args,
    String workingDir,
    List<KeyValue> envs,
    List<Mount> mounts,
    List<Device> devices,
    Map<String, String> labels,
    Map<String, String> annotations,
    String logPath,
    boolean stdin,
    boolean stdinOnce,
    boolean tty,
    LinuxResources resources,
    ContainerSecurity security,
    String stopSignal) {

  public ContainerConfig withMounts(List<Mount> other) {
    return new ContainerConfig(
        metadata,
        image,
        command,
        args,
        workingDir,
        envs,
        other,
        devices,
        labels,
        annotations,
        logPath,
        stdin,
        stdinOnce,
        tty,
        resources,
        security,
        stopSignal);
  }
}
