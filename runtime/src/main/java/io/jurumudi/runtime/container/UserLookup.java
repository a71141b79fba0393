package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerUser;
import io.jurumudi.runtime.image.LayeredView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Numeric users and groups from an image's /etc/passwd and /etc/group. */
public final class UserLookup {
  private record Account(String name, long uid, long gid) {}

  private final List<Account> accounts;
  private final List<String[]> groups;

  public UserLookup(LayeredView image) throws IOException {
    accounts =
        image
            .text("/etc/passwd")
            .lines()
            .map(l -> l.split(":", -1))
            .filter(f -> f.length >= 4 && isNumber(f[2]) && isNumber(f[3]))
            .map(f -> new Account(f[0], Long.parseLong(f[2]), Long.parseLong(f[3])))
            .toList();
    groups =
        image
            .text("/etc/group")
            .lines()
            .map(l -> l.split(":", -1))
            .filter(f -> f.length >= 3 && isNumber(f[2]))
            .toList();
  }

  private static boolean isNumber(String s) {
    return !s.isEmpty() && s.length() < 11 && s.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /**
   * @param user {@code name}, {@code uid}, {@code name:group} … as USER of a Dockerfile; empty:
   *     root
   * @param withGroups whether to add the groups that /etc/group gives the user
   * @throws IOException when the image has no such user or group
   */
  public ContainerUser resolve(String user, boolean withGroups) throws IOException {
    String[] parts = user.split(":", 2);
    String who = parts[0].isEmpty() ? "0" : parts[0];
    Optional<Account> account =
        account(a -> a.name().equals(who))
            .or(() -> isNumber(who) ? account(a -> a.uid() == Long.parseLong(who)) : empty());
    if (account.isEmpty() && !isNumber(who)) {
      throw new IOException("unable to find user " + who + ": no matching entries in passwd file");
    }
    long uid = account.map(Account::uid).orElseGet(() -> Long.parseLong(who));
    long gid = account.map(Account::gid).orElse(0L);
    if (parts.length == 2 && !parts[1].isEmpty()) {
      gid = group(parts[1]);
    }
    TreeSet<Long> more = new TreeSet<>();
    more.add(gid);
    if (withGroups && account.isPresent() && parts.length == 1) {
      String name = account.get().name();
      for (String[] g : groups) {
        if (g.length >= 4 && List.of(g[3].split(",", -1)).contains(name)) {
          more.add(Long.parseLong(g[2]));
        }
      }
    }
    return new ContainerUser(uid, gid, List.copyOf(more));
  }

  private static Optional<Account> empty() {
    return Optional.empty();
  }

  private Optional<Account> account(Predicate<Account> p) {
    return accounts.stream().filter(p).findFirst();
  }

  /** Number of a group by name or number. */
  public long group(String nameOrNumber) throws IOException {
    for (String[] g : groups) {
      if (g[0].equals(nameOrNumber)) {
        return Long.parseLong(g[2]);
      }
    }
    if (isNumber(nameOrNumber)) {
      return Long.parseLong(nameOrNumber);
    }
    throw new IOException(
        "unable to find group " + nameOrNumber + ": no matching entries in group file");
  }
}
