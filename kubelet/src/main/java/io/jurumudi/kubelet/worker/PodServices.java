package io.jurumudi.kubelet.worker;

import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.kubelet.container.ContainerConfigs;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.image.ImageManager;
import io.jurumudi.kubelet.pod.BackOff;
import io.jurumudi.kubelet.probe.Hooks;
import io.jurumudi.kubelet.probe.ProbeManager;
import io.jurumudi.kubelet.volume.ContainerMounts;
import io.jurumudi.kubelet.volume.PodVolumes;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What the workers of all pods share.
 *
 * @param hostIPs of the node, the primary one first
 * @param allocatable of the node
 * @param executor a virtual thread a task
 */
public record PodServices(
    RuntimeService runtime,
    RuntimeIndex index,
    ImageManager images,
    ProbeManager probes,
    Hooks hooks,
    PodVolumes volumes,
    ContainerConfigs configs,
    ContainerMounts mounts,
    PodDirectories directories,
    StatusWriter status,
    PodEvents events,
    PodReferences references,
    PodAdmission admission,
    Resizes resizes,
    BackOff restarts,
    Supplier<List<String>> hostIPs,
    Supplier<Map<String, Quantity>> allocatable,
    Clock clock,
    Executor executor) {}
