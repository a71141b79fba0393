package io.jurumudi.kubelet.volume;

/** A volume could not be set up; the message is that of a FailedMount event. */
public final class VolumeException extends Exception {
  public VolumeException(String volume, String why) {
    super("MountVolume.SetUp failed for volume \"" + volume + "\" : " + why);
  }
}
