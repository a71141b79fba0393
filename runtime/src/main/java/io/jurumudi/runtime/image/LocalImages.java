package io.jurumudi.runtime.image;

import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.ImagePullException;
import io.jurumudi.cri.ImageService;
import io.jurumudi.cri.RegistryAuth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** CRI's view of an {@link ImageStore}. Holds no state. */
public final class LocalImages implements ImageService {
  private final ImageStore store;
  private final ImagePuller puller;

  public LocalImages(ImageStore store, ImagePuller puller) {
    this.store = store;
    this.puller = puller;
  }

  @Override
  public List<ImageInfo> listImages() {
    try {
      List<ImageInfo> all = new ArrayList<>();
      for (Image i : store.list()) {
        all.add(store.info(i));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<ImageInfo> imageStatus(String image) {
    try {
      Optional<Image> found = store.find(image);
      return found.isPresent() ? Optional.of(store.info(found.get())) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String pullImage(String image, @Nullable RegistryAuth auth) {
    ImageName name;
    try {
      name = ImageName.parse(image);
    } catch (IllegalArgumentException e) {
      throw new ImagePullException(
          ImagePullException.Kind.INVALID_NAME, String.valueOf(e.getMessage()));
    }
    try {
      return puller.pull(name, auth);
    } catch (ImagePullException e) {
      // An image that was built or imported here comes from no registry: it is its own newest.
      Optional<ImageInfo> local =
          e.kind() == ImagePullException.Kind.UNAUTHORIZED ? Optional.empty() : imageStatus(image);
      return local.filter(i -> i.repoDigests().isEmpty()).map(ImageInfo::id).orElseThrow(() -> e);
    }
  }

  @Override
  public void removeImage(String image) {
    try {
      store.remove(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long usedBytes() {
    try {
      return store.usedBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String rootDirectory() {
    return store.root().toString();
  }
}
