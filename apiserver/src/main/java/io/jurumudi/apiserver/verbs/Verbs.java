package io.jurumudi.apiserver.verbs;

/** All verbs of one server. */
public final class Verbs {
  private final FieldOwnership ownership;
  private final Creates creates;
  private final Updates updates;
  private final Patches patches;
  private final Deletes deletes;
  private final Reads reads;
  private final Watches watches;
  private final Scales scales;

  public Verbs(VerbContext context) {
    ownership = context.ownership();
    creates = new Creates(context);
    updates = new Updates(context, creates);
    patches = new Patches(updates, new Applies(context, creates, updates));
    deletes = new Deletes(context);
    reads = new Reads(context);
    watches = new Watches(context);
    scales = new Scales(reads, updates);
  }

  public FieldOwnership ownership() {
    return ownership;
  }

  public Creates creates() {
    return creates;
  }

  public Updates updates() {
    return updates;
  }

  public Patches patches() {
    return patches;
  }

  public Deletes deletes() {
    return deletes;
  }

  public Reads reads() {
    return reads;
  }

  public Watches watches() {
    return watches;
  }

  public Scales scales() {
    return scales;
  }
}
