package io.jurumudi.runtime;

import io.jurumudi.cri.ImageService;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.container.Layout;
import io.jurumudi.runtime.container.LocalRuntime;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImagePuller;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.LocalImages;
import io.jurumudi.runtime.image.Registries;
import io.jurumudi.runtime.image.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The container engine. Open it on the directories of an earlier one, and it finds its sandboxes
 * and containers as they are now; {@link #close} leaves them running, {@link #destroy} leaves
 * nothing.
 */
public final class ContainerEngine implements AutoCloseable {
  private final EngineConfig config;
  private final ImageStore images;
  private final LocalImages imageService;
  private final LocalRuntime runtime;
  private final ExecutorService executor;

  private ContainerEngine(EngineConfig config, Linux linux) throws IOException {
    this.config = config;

    Layout layout = new Layout(config.dataDir(), config.stateDir());
    new EngineRegister(config.imageDir()).add(layout);
    this.images = openImages(linux, config.imageDir());
    images.sweep();
    this.imageService =
        new LocalImages(
            images, new ImagePuller(images, new Registries(RegistryCredentials.ofHome())));
    this.executor = Executors.newVirtualThreadPerTaskExecutor();
    this.runtime =
        new LocalRuntime(
            linux,
            layout,
            images,
            config.network(),
            config.cgroupParent(),
            executor,
            config.clock());
  }

  /**
   * @throws IOException when crun or conmon is missing, or a directory cannot be used
   */
  public static ContainerEngine open(EngineConfig config) throws IOException {
    return new ContainerEngine(config, new Linux());
  }

  /**
   * The images of an engine without its containers, for a program that builds or imports while the
   * engine runs in another process.
   */
  public static ImageStore openImages(Linux linux, Path imageDir) throws IOException {
    return new ImageStore(linux, imageDir, new EngineRegister(imageDir)::layersInUse);
  }

  public RuntimeService runtime() {
    return runtime;
  }

  public ImageService images() {
    return imageService;
  }

  public ImageStore imageStore() {
    return images;
  }

  /** Ends this object; containers run on. */
  @Override
  public void close() throws IOException {
    runtime.close();
    executor.close();
  }

  /** Stops and removes all sandboxes and containers, and deletes the engine's directories. */
  public void destroy() throws IOException {
    runtime.destroy();
    executor.close();
    forget(config);
  }

  /** Ends all containers of an engine that is not open. The network is not told. */
  public static void stop(EngineConfig config) throws IOException {
    LocalRuntime.destroy(
        new Linux(), new Layout(config.dataDir(), config.stateDir()), config.cgroupParent());
  }

  /** Removes what an engine left on the machine, without opening it. The network is not told. */
  public static void destroy(EngineConfig config) throws IOException {
    stop(config);
    forget(config);
  }

  private static void forget(EngineConfig config) throws IOException {
    new EngineRegister(config.imageDir()).remove(new Layout(config.dataDir(), config.stateDir()));
    FileTree.delete(config.dataDir());
  }
}
