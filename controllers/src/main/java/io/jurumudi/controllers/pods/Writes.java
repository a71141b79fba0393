package io.jurumudi.controllers.pods;

import io.jurumudi.machinery.errors.ApiException;

/** Writes that others may overtake. */
public final class Writes {
  private Writes() {}

  /**
   * Writes what was made from an informer's object. When that was changed or deleted meanwhile,
   * nothing is written: the event of it brings the controller here again.
   */
  public static void unlessOvertaken(Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (e.code() != 404 && e.code() != 409) {
        throw e;
      }
    }
  }
}
