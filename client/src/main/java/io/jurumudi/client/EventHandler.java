package io.jurumudi.client;

/**
 * Hears of changes to objects. Calls come one after the other, in the order of the changes, on the
 * thread that receives them for all handlers: they must be short and never wait, as by putting a
 * key into a queue.
 */
public interface EventHandler<T> {
  /** An object is new here, also when it was there before the informer started. */
  void onAdd(T object);

  /** An object has changed. Both may be equal when the informer had to list anew. */
  void onUpdate(T before, T after);

  /** An object is gone; this is the last that is known of it. */
  void onDelete(T object);

  /** A handler that cares only for what is gone. */
  static <T> EventHandler<T> ofDelete(java.util.function.Consumer<T> action) {
    return new EventHandler<>() {
      @Override
      public void onAdd(T object) {}

      @Override
      public void onUpdate(T before, T after) {}

      @Override
      public void onDelete(T object) {
        action.accept(object);
      }
    };
  }

  /** A handler that does the same whatever happened, with the object as it is or was last. */
  static <T> EventHandler<T> of(java.util.function.Consumer<T> action) {
    return new EventHandler<>() {
      @Override
      public void onAdd(T object) {
        action.accept(object);
      }

      @Override
      public void onUpdate(T before, T after) {
        action.accept(after);
      }

      @Override
      public void onDelete(T object) {
        action.accept(object);
      }
    };
  }
}
