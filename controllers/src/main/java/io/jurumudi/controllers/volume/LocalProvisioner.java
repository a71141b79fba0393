package io.jurumudi.controllers.volume;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.VolumeNodeAffinity;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.client.Client;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.volumes.VolumeMatching;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes volumes for claims of the class {@code local}: a directory on the node that the claim's
 * first pod was given to, which the kubelet makes when it is first mounted. The size that is asked
 * for is not enforced. Released volumes go with their directories where those are on this machine;
 * on machines that joined from elsewhere the directory stays.
 */
public final class LocalProvisioner implements AutoCloseable {
  static final String NAME = "jurumudi.io/local";
  private static final String CLASS = "local";
  private static final String PROVISIONER = "volume.kubernetes.io/storage-provisioner";
  private static final String HOSTNAME = "kubernetes.io/hostname";

  /** What a key of the queue names. */
  private record Key(boolean volume, ObjectKey object) {}

  private final Client client;
  private final Path directory;
  private final Informer<PersistentVolume> volumes;
  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<StorageClass> classes;
  private final Informer<Node> nodes;
  private final EventRecorder events;
  private final Controller<Key> controller;

  /**
   * @param directory in which the volumes' directories are, on every node
   */
  public LocalProvisioner(ControllerContext context, Path directory) {
    client = context.client();
    this.directory = directory;
    volumes = context.informers().informer(Resources.PERSISTENTVOLUMES);
    claims = context.informers().informer(Resources.PERSISTENTVOLUMECLAIMS);
    classes = context.informers().informer(Resources.STORAGECLASSES);
    nodes = context.informers().informer(Resources.NODES);
    events = context.events(NAME);
    controller = new Controller<>("local-provisioner", this::reconcile, 2, context.clock());
    claims.addHandler(
        EventHandler.of(
            claim -> {
              if (NAME.equals(claim.metadata().annotations().get(PROVISIONER))
                  && claim.spec().volumeName().isEmpty()) {
                controller.enqueue(new Key(false, ObjectKey.of(claim)));
              }
            }));
    volumes.addHandler(
        EventHandler.of(
            volume -> {
              if (volume.status().phase().equals("Released") && ours(volume)) {
                controller.enqueue(new Key(true, ObjectKey.of(volume)));
              }
            }));
  }

  /** Also makes the class, the default one, in a cluster that has none at all. */
  public void start() {
    if (client.resource(Resources.STORAGECLASSES).list("").items().isEmpty()) {
      client
          .resource(Resources.STORAGECLASSES)
          .create(
              StorageClass.builder()
                  .metadata(
                      m ->
                          m.name(CLASS)
                              .annotations(
                                  Map.of("storageclass.kubernetes.io/is-default-class", "true")))
                  .provisioner(NAME)
                  .reclaimPolicy("Delete")
                  .volumeBindingMode("WaitForFirstConsumer")
                  .build());
    }
    controller.start(volumes, claims, classes, nodes);
  }

  private static boolean ours(PersistentVolume volume) {
    return NAME.equals(volume.metadata().annotations().get(VolumeMatching.PROVISIONED_BY));
  }

  private Result reconcile(Key key) throws IOException {
    if (key.volume) {
      Optional<PersistentVolume> volume = volumes.get(key.object);
      if (volume.isPresent()) {
        remove(volume.get());
      }
    } else {
      claims.get(key.object).filter(c -> c.spec().volumeName().isEmpty()).ifPresent(this::provide);
    }
    return Result.done();
  }

  private void provide(PersistentVolumeClaim claim) {
    Optional<StorageClass> storageClass = classes.get("", VolumeMatching.storageClass(claim));
    if (storageClass.isEmpty() || claim.metadata().deletionTimestamp() != null) {
      return;
    }
    if ("Block".equals(claim.spec().volumeMode())) {
      events.event(
          claim, "Warning", "ProvisioningFailed", NAME + " does not provide raw block volumes");
      return;
    }
    String name = "pvc-" + claim.metadata().uid();
    Optional<Node> node = node(claim);
    if (node.isEmpty() || volumes.get("", name).isPresent()) {
      return;
    }
    try {
      client
          .resource(Resources.PERSISTENTVOLUMES)
          .create(volume(name, claim, storageClass.get(), node.get()));
    } catch (ApiException e) {
      if (!e.isAlreadyExists()) {
        events.event(
            claim,
            "Warning",
            "ProvisioningFailed",
            "failed to provision volume with StorageClass \""
                + storageClass.get().metadata().name()
                + "\": "
                + e.getMessage());
        throw e;
      }
    }
    events.event(
        claim, "Normal", "ProvisioningSucceeded", "Successfully provisioned volume " + name);
  }

  /** The one that the scheduler chose; of a class that waits for no pod, any. */
  private Optional<Node> node(PersistentVolumeClaim claim) {
    @Nullable String selected = claim.metadata().annotations().get(VolumeMatching.SELECTED_NODE);
    return selected != null
        ? nodes.get("", selected)
        : nodes.list().stream()
            .filter(node -> !node.spec().unschedulable())
            .min(Comparator.comparing(node -> node.metadata().name()));
  }

  private PersistentVolume volume(
      String name, PersistentVolumeClaim claim, StorageClass storageClass, Node node) {
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(VolumeMatching.PROVISIONED_BY, NAME);
    String hostname = node.metadata().labels().getOrDefault(HOSTNAME, node.metadata().name());
    VolumeNodeAffinity affinity =
        VolumeNodeAffinity.builder()
            .required(
                NodeSelector.builder()
                    .nodeSelectorTerms(
                        List.of(
                            NodeSelectorTerm.builder()
                                .matchExpressions(
                                    List.of(
                                        NodeSelectorRequirement.builder()
                                            .key(HOSTNAME)
                                            .operator("In")
                                            .values(List.of(hostname))
                                            .build()))
                                .build()))
                    .build())
            .build();
    String policy = storageClass.reclaimPolicy();
    return PersistentVolume.builder()
        .metadata(m -> m.name(name).annotations(annotations))
        .spec(
            s ->
                s.capacity(claim.spec().resources().requests())
                    .accessModes(claim.spec().accessModes())
                    .persistentVolumeReclaimPolicy(policy == null ? "Delete" : policy)
                    .storageClassName(storageClass.metadata().name())
                    .mountOptions(storageClass.mountOptions())
                    .volumeMode("Filesystem")
                    .claimRef(
                        r ->
                            r.apiVersion("v1")
                                .kind("PersistentVolumeClaim")
                                .namespace(claim.metadata().namespace())
                                .name(claim.metadata().name())
                                .uid(claim.metadata().uid()))
                    .nodeAffinity(affinity)
                    .hostPath(
                        h -> h.path(directory.resolve(name).toString()).type("DirectoryOrCreate")))
        .build();
  }

  private void remove(PersistentVolume volume) throws IOException {
    if (!ours(volume)
        || !volume.status().phase().equals("Released")
        || !volume.spec().persistentVolumeReclaimPolicy().equals("Delete")
        || volume.metadata().deletionTimestamp() != null) {
      return;
    }
    // Only what has the name that was given to it: the path is anyone's to write.
    Path path = directory.resolve("pvc-" + uid(volume));
    if (volume.metadata().name().equals(path.getFileName().toString())
        && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      delete(path);
    }
    client.resource(Resources.PERSISTENTVOLUMES).delete(volume);
  }

  private static String uid(PersistentVolume volume) {
    var reference = volume.spec().claimRef();
    return reference == null ? "" : reference.uid();
  }

  private static void delete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() {
    controller.close();
  }
}
