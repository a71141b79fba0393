package io.jurumudi.client;

/** Brings what a key stands for from its present into its wanted state. */
@FunctionalInterface
public interface Reconciler<K> {
  /**
   * Looks at the present state and acts. One key is never reconciled twice at once.
   *
   * @throws Exception when it did not work out; it is tried again later, ever less often
   */
  Result reconcile(K key) throws Exception;
}
