package io.jurumudi.runtime.container;

import java.nio.file.Path;

/** Which file of an engine is where. */
public record Layout(Path dataDir, Path stateDir) {
  Path containers() {
    return dataDir.resolve("containers");
  }

  Path sandboxes() {
    return dataDir.resolve("sandboxes");
  }

  /** What of a container survives a reboot: its record, its written files, its volumes. */
  Path container(String id) {
    return containers().resolve(id);
  }

  Path containerRecord(String id) {
    return container(id).resolve("container.json");
  }

  Path upper(String id) {
    return container(id).resolve("upper");
  }

  Path work(String id) {
    return container(id).resolve("work");
  }

  Path sandbox(String id) {
    return sandboxes().resolve(id);
  }

  Path sandboxRecord(String id) {
    return sandbox(id).resolve("sandbox.json");
  }

  /** OCI bundle: config.json, rootfs, and conmon's files. */
  Path bundle(String id) {
    return stateDir.resolve("containers").resolve(id);
  }

  Path rootfs(String id) {
    return bundle(id).resolve("rootfs");
  }

  Path exits() {
    return stateDir.resolve("exits");
  }

  Path exit(String id) {
    return exits().resolve(id);
  }

  /** Where the OCI runtime keeps its own state. */
  Path runtimeRoot() {
    return stateDir.resolve("oci");
  }

  Path sandboxState(String id) {
    return stateDir.resolve("sandboxes").resolve(id);
  }

  Path namespace(String sandboxId, String kind) {
    return sandboxState(sandboxId).resolve(kind);
  }

  Path shm(String sandboxId) {
    return sandboxState(sandboxId).resolve("shm");
  }

  Path pauseRootfs() {
    return stateDir.resolve("pause");
  }
}
