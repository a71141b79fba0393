package io.jurumudi.store;

final class MemoryStoreTest extends StoreContract {
  @Override
  Store open(StoreConfig config) {
    return new MemoryStore(config);
  }
}
